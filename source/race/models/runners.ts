import type {ModelName} from '../seams.ts';
import type {OpenRunner} from './runner.ts';

/** Loaded one by one: each lane has in its memory what its model takes, and no other's. */
export const runners: Readonly<Record<ModelName, () => Promise<OpenRunner>>> = {
	serial: async () => (await import('./serial.ts')).openSerial,
	threads: async () => (await import('./pool.ts')).openThreads,
	processes: async () => (await import('./pool.ts')).openProcesses,
	coroutines: async () => (await import('./coroutines.ts')).openCoroutines,
	messages: async () => (await import('./pipeline.ts')).openPipeline,
};
