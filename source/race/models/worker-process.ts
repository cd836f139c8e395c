// The script of a process of the pool. Its parts are loaded only when they may come from the cache.
import module from 'node:module';

module.enableCompileCache?.();
const {ignoreKeys} = await import('../child-options.ts');
ignoreKeys();
// However the one that started it has ended, nobody is left whom it could serve.
process.on('disconnect', () => process.exit());
const {serveWorker} = await import('./worker.ts');
serveWorker(
	message => void process.send?.(message, () => undefined),
	listener => process.on('message', listener),
	() => {
		const {user, system} = process.cpuUsage();
		return user + system;
	},
);
