// Bundles cli and library into dist/.
import {rmSync} from 'node:fs';
import {build} from 'esbuild';
import {options} from './bundle.mjs';

rmSync('dist', {recursive: true, force: true});
await build(options);
