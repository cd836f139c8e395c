/**
 * Numbers from 0 up to 1, the same ones for the same seed: Tommy Ettinger's mulberry32. Not for secrets.
 * @param seed only its lower 32 bits count
 */
export function seeded(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Seeds that differ in what they give are below this. */
export const seeds = 2 ** 32;

/** So many of these, with replacement: each time any of them is as likely as any other. Drawn when it is asked for; of nothing, none. */
export function* drawn<Item>(items: readonly Item[], count: number, random: () => number): Generator<Item> {
	if (items.length === 0) return;
	for (let left = count; left > 0; left--) yield items[Math.floor(random() * items.length)] as Item;
}

/** A copy in random order, each order as likely as any other (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
	const all = [...items];
	for (let last = all.length - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		[all[last], all[other]] = [all[other] as Item, all[last] as Item];
	}
	return all;
}
