/** The kinds of XML documents that have a title, by their namespaces. */

const svg = 'http://www.w3.org/2000/svg';
const xhtml = 'http://www.w3.org/1999/xhtml';
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
/** Atom 1.0 (RFC 4287) and the 0.3 that was before it. */
const atom = new Set(['http://www.w3.org/2005/Atom', 'http://purl.org/atom/ns#']);

export type Element = {
	qualified: string;
	local: string;
	namespace: string;
	declared: readonly string[];
	/** How many it stands in. */
	depth: number;
};

/** The open elements, and what their prefixes mean. */
export class OpenNames {
	readonly path: Element[] = [];
	readonly #open = new Map<string, number>();
	/** For each prefix the namespaces it was given, the innermost last: a chain of scopes would be walked again and again. */
	readonly #prefixes = new Map<string, string[]>();

	get top(): Element | undefined {
		return this.path.at(-1);
	}

	has(element: Element): boolean {
		return this.path[element.depth] === element;
	}

	push(qualified: string, attributes: ReadonlyMap<string, string>): Element {
		const declared: string[] = [];
		for (const [name, value] of attributes) {
			if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
			const prefix = name.slice(6);
			declared.push(prefix);
			const meanings = this.#prefixes.get(prefix);
			if (meanings) meanings.push(value);
			else this.#prefixes.set(prefix, [value]);
		}
		const colon = qualified.indexOf(':');
		const namespace = this.#prefixes.get(qualified.slice(0, Math.max(0, colon)))?.at(-1) ?? '';
		const element = {qualified, local: qualified.slice(colon + 1), namespace, declared, depth: this.path.length};
		this.path.push(element);
		this.#open.set(qualified, (this.#open.get(qualified) ?? 0) + 1);
		return element;
	}

	/** Closes the innermost element of that name, with all in it; an end tag without a start closes nothing. */
	pop(qualified: string): void {
		if ((this.#open.get(qualified) ?? 0) === 0) return;
		for (let element = this.path.pop(); element; element = this.path.pop()) {
			this.#open.set(element.qualified, (this.#open.get(element.qualified) ?? 1) - 1);
			for (const prefix of element.declared) this.#prefixes.get(prefix)?.pop();
			if (element.qualified === qualified) return;
		}
	}
}

/**
 * Whether the innermost open element is what the document's title stands in: that of the channel or the feed, not of an item in
 * it; a child of the root in a picture; the first one of XHTML anywhere else (HTML standard, "document.title").
 */
export function isTitle({path}: OpenNames): boolean {
	const title = path.at(-1);
	const root = path[0];
	if (!title || !root || title === root || title.local !== 'title') return false;
	const [parent] = path.slice(-2);
	const isOf = (element: Element | undefined) => title.namespace === element?.namespace;
	if (root.local === 'svg' && (root.namespace === svg || root.namespace === '')) return path.length === 2 && isOf(root);
	if (root.local === 'rss' || (root.local === 'RDF' && root.namespace === rdf))
		return path.length === 3 && parent?.local === 'channel' && isOf(parent);
	if (root.local === 'feed' && (atom.has(root.namespace) || root.namespace === ''))
		return path.length === 2 && isOf(root);
	// Who forgets to say that it is XHTML gets no title in browsers, but has meant one.
	return title.namespace === xhtml || (root.local === 'html' && title.namespace === '' && parent?.local === 'head');
}
