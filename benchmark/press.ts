import {quantile, seeded} from './statistics.ts';

/** Keys go in, and what is on the screen comes out. */
export type Pressed = {
	type(keys: string): void;
	readonly lines: readonly string[];
	until(holds: () => boolean, what: string): Promise<unknown>;
};

/** A key, and what of the screen only it changes. */
type Stroke = {key: string; part(lines: readonly string[]): string};

const limit: Stroke['part'] = lines => /concurrency (.*?) \[/.exec(lines[1] ?? '')?.[1] ?? '';
const marked: Stroke['part'] = lines => /^▶ +\d+/.exec(lines.find(line => line.startsWith('▶')) ?? '')?.[0] ?? '';
const tab: Stroke['part'] = lines => /\[\d \w+/.exec(lines.find(line => line.startsWith(' ─')) ?? '')?.[0] ?? '';
const isFrozen: Stroke['part'] = lines => String(lines[1]?.includes('frozen'));

/** In a circle, so that in the end all is as it was. */
const strokes: readonly Stroke[] = [
	...[...'jj+kk-jk'].map(key => ({key, part: '+-'.includes(key) ? limit : marked})),
	...[...'\t1'].map(key => ({key, part: tab})),
	...[...'zz'].map(key => ({key, part: isFrozen})),
];

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/**
 * Presses keys, one when the last one has shown what it does, and not in step with anything.
 * @returns seconds from a key to the screen that shows it: half of them took no longer, and 99 of 100
 */
export async function press(pressed: Pressed, count: number): Promise<{p50: number; p99: number}> {
	const random = seeded(1);
	const times: number[] = [];
	while (times.length < count) {
		const {key, part} = strokes[times.length % strokes.length] as Stroke;
		await pause(20 + 130 * random());
		const before = part(pressed.lines);
		const pressedAt = performance.now();
		pressed.type(key);
		await pressed.until(() => part(pressed.lines) !== before, `what the key ${JSON.stringify(key)} does`);
		times.push((performance.now() - pressedAt) / 1000);
	}
	return {p50: quantile(times, 0.5), p99: quantile(times, 0.99)};
}
