import {writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Bench, Measured} from './contestants.ts';
import {Session} from './session.ts';
import {quantile, seeded} from './statistics.ts';

const concurrency = 64;
/** More than are fetched in any round. */
const urls = 20_000;

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** A key, and what of the screen only it changes. */
type Stroke = {key: string; part(session: Session): string};

const limit = ({lines}: Session) => /concurrency (.*?) \[/.exec(lines[1] ?? '')?.[1] ?? '';
const marked = ({lines}: Session) => String(lines.findIndex(line => line.startsWith('▶')));
const tab = ({lines}: Session) => /\[\d \w+/.exec(lines.find(line => line.startsWith(' ─')) ?? '')?.[0] ?? '';
const isFrozen = ({lines}: Session) => String(lines[1]?.includes('frozen'));

/** In a circle, so that in the end all is as it was. */
const strokes: readonly Stroke[] = [
	...[...'jj+kk-jk'].map(key => ({key, part: '+-'.includes(key) ? limit : marked})),
	{key: '\t', part: tab},
	{key: '1', part: tab},
	{key: 'z', part: isFrozen},
	{key: 'z', part: isFrozen},
];

/** Seconds from writing a key to an emulator that shows what it did, while as many bodies as can be are received. */
export async function pressKeys({fetchtop, folder, origin, amounts}: Bench): Promise<Measured> {
	const list = path.join(folder, 'part-endless.txt');
	writeFileSync(list, Array.from({length: urls}, (_, index) => `${origin}/part/${index}.bin\n`).join(''));
	const session = new Session([...fetchtop, '--no-save', '-c', `${concurrency}`, '-i', list]);
	const random = seeded(1);
	const times: number[] = [];
	try {
		await session.shows(`${concurrency} running / ${concurrency}`);
		await pause(2_000);
		while (times.length < amounts.pressed) {
			const {key, part} = strokes[times.length % strokes.length] as Stroke;
			await pause(20 + 130 * random());
			const before = part(session);
			const pressedAt = performance.now();
			session.type(key);
			times.push(((await session.until(() => part(session) !== before, `what ${key} does`)) - pressedAt) / 1000);
		}
	} finally {
		await session.close();
	}
	return {p50: quantile(times, 0.5), p99: quantile(times, 0.99)};
}
