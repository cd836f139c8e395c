import type {OpenRunner} from './runner.ts';
import type {ModelName} from './seams.ts';

/** Loaded one by one: each lane has in its memory what its model takes, and no other's. */
export const runners: Readonly<Record<ModelName, () => Promise<OpenRunner>>> = {
	serial: async () => (await import('./models/serial.ts')).openSerial,
	threads: async () => (await import('./models/pool.ts')).openThreads,
	processes: async () => (await import('./models/pool.ts')).openProcesses,
	coroutines: async () => (await import('./models/coroutines.ts')).openCoroutines,
	messages: async () => (await import('./models/pipeline.ts')).openPipeline,
};
