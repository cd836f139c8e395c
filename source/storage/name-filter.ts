/** Of a million names in so many bits one in eighty others seems to be among them. What is never set takes no memory. */
const bits = 2 ** 24;

/**
 * Names that may be there: yes to each that was added, in whatever case, and now and then to another one (a Bloom filter).
 * A set would take 50 MB for a million names; this takes 2 however many there are.
 */
export class NameFilter {
	readonly #words = new Int32Array(bits / 32);

	add(name: string): void {
		const hash = hashOf(name);
		if (hash === undefined) return;
		this.#set(hash % bits);
		this.#set(Math.floor(hash / bits));
	}

	has(name: string): boolean {
		const hash = hashOf(name);
		return hash === undefined || (this.#isSet(hash % bits) && this.#isSet(Math.floor(hash / bits)));
	}

	#set(bit: number): void {
		this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31));
	}

	#isSet(bit: number): boolean {
		return ((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
	}
}

/**
 * 48 bits, the same in upper and lower case. Undefined where the name is not all ASCII: systems differ in which of those
 * names are one, so any of them may be there.
 */
function hashOf(name: string): number | undefined {
	let high = 0x9747b28c;
	let low = 0x41c6ce57;
	for (let index = 0; index < name.length; index++) {
		const unit = name.charCodeAt(index);
		if (unit > 0x7f) return undefined;
		high = Math.imul(high ^ (unit | 0x20), 0x9e3779b1);
		low = Math.imul(low ^ (unit | 0x20), 0x5f356495);
	}
	high = Math.imul(high ^ (high >>> 15), 0x85ebca6b);
	low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
	return ((high ^ (high >>> 16)) & (bits - 1)) * bits + ((low ^ (low >>> 16)) & (bits - 1));
}
