// The script of a lane. Its parts are loaded only when they may come from the cache.
import module from 'node:module';

module.enableCompileCache?.();
const {ignoreKeys} = await import('../child-options.ts');
ignoreKeys();
const {serveLane} = await import('./serve-lane.ts');
serveLane(
	message => void process.send?.(message, () => undefined),
	listener => process.on('message', listener),
);
