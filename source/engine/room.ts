import {bytes} from '../format/bytes.ts';
import type {Failure} from './failure.ts';
import {sizeOf} from './ranges.ts';
import type {ReadonlyStore} from './store.ts';

/** Whether it is for want of room on the disk: then it is no fault of the task. */
export const isFull = ({code}: Failure): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** `3.1 GB needed`: what the bodies that have begun still lack, as far as their sizes are known. */
export function roomNeeded({live}: ReadonlyStore): string {
	let needed = 0;
	let isLeast = false;
	for (const {total, received, state, part} of live.values()) {
		// All of it may have come, and not a byte of it have found a place.
		if (total !== undefined) needed += Math.max(0, total - sizeOf(part?.ranges ?? []));
		else if (received > 0 || state === 'receiving') isLeast = true;
	}
	if (needed === 0) return 'make room';
	return `${isLeast ? 'at least ' : ''}${bytes(needed)} more needed`;
}
