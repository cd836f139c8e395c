import v8 from 'node:v8';

/**
 * MB of a heap that objects have while they are young. V8 would take 64 and more, and with them each run 100 MB; with this,
 * 100,000 small bodies take 2 % more CPU.
 */
export const youngMegabytes = 8;

/** For a thread that is to be started. V8 counts three halves: what is copied out of one goes into the others. */
export const youngLimits = {maxYoungGenerationSizeMb: 3 * youngMegabytes};

/**
 * For this thread, whose limits can no longer be set: as soon as it has so much, it gets no more.
 * @param interval milliseconds between two looks; V8 begins with 2 MB, and doubles them some five times in a busy second
 */
export function limitYoungObjects(interval = 50): void {
	const timer = setInterval(() => {
		const young = v8.getHeapSpaceStatistics().find(({space_name: name}) => name === 'new_space');
		if (young && young.space_size < youngMegabytes * 2 ** 20) return;
		clearInterval(timer);
		v8.setFlagsFromString('--semi-space-growth-factor=1');
	}, interval).unref();
}
