// Preloaded into the program: writes down what it has loaded when it ends, modules of Node as `node:…` and files by their paths.
import {writeFileSync} from 'node:fs';
import {registerHooks} from 'node:module';

const files = [];
registerHooks({
	load(url, context, next) {
		files.push(url);
		return next(url, context);
	},
});
process.on('exit', () => {
	const builtins = process.moduleLoadList.flatMap(entry => /^NativeModule (.+)$/.exec(entry)?.slice(1) ?? []);
	writeFileSync(process.env.LOADED, JSON.stringify([...builtins.map(name => `node:${name}`), ...files]));
});
