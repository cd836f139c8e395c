import type {AttemptParts} from '../../engine/attempt.ts';
import {fetchPage} from './fetch-page.ts';
import {raceParts} from './parts.ts';
import type {OpenRunner} from './runner.ts';

/** One page after the other: what all others are measured against. */
export const openSerial: OpenRunner = ({tasks, equipment}) => {
	let parts: AttemptParts | undefined;
	let controller = new AbortController();
	const run = async () => {
		parts ??= await raceParts(equipment);
		for (let task = tasks.next(); task; task = tasks.next()) {
			controller = new AbortController();
			const result = await fetchPage(task, parts, controller.signal);
			if (result) tasks.finish(task.number, result);
			else tasks.lost(task.number, 'the task was canceled');
		}
	};
	return {
		async open() {
			parts = await raceParts(equipment);
		},
		go: () => void run().catch(error => tasks.fail(error)),
		setLimit() {},
		kill: () => controller.abort(),
		cpuElsewhere: () => 0,
		pids: () => [],
		usage: () => ({running: tasks.running, workers: 0, messages: 0, copied: 0, full: 0}),
		async close() {},
	};
};
