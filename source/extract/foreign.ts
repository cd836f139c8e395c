/** Which element of an HTML page is whose, as far as titles go: pictures, formulas and templates have their own. */

/** Start tags that end a picture or a formula (HTML standard, §13.2.6.5). */
const breakouts = new Set(
	(
		'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ' +
		'ol p pre ruby s small span strong strike sub sup table tt u ul var'
	).split(' '),
);
/** They may hold HTML, and nothing that is closed outside of them reaches in ("has an element in scope"). */
const doors: Readonly<Record<Realm, ReadonlySet<string>>> = {
	svg: new Set(['foreignobject', 'desc', 'title']),
	math: new Set(['mi', 'mo', 'mn', 'ms', 'mtext', 'annotation-xml']),
};
const annotation = 'annotation-xml';
/** Closing these ends no picture: `</body>` is taken note of, and `</p>` and `</br>` have a rule of their own. */
const notClosing = new Set(['html', 'head', 'body']);
const voids = new Set(
	'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr'.split(' '),
);

type Realm = 'svg' | 'math';
type Foreign = {name: string; realm: Realm; isDoor: boolean; takesHtml: boolean};

/** The open elements of the document, or of one template in it. */
class Segment {
	readonly foreign: Foreign[] = [];
	/** How many foreign ones of a name are open, so that an end tag without a start costs nothing however deep it stands. */
	readonly names = new Map<string, number>();
	readonly html = new Map<string, number>();
	doors = 0;

	push(entry: Foreign): void {
		this.foreign.push(entry);
		this.names.set(entry.name, (this.names.get(entry.name) ?? 0) + 1);
		if (entry.isDoor) this.doors++;
	}

	pop(): Foreign | undefined {
		const entry = this.foreign.pop();
		if (!entry) return undefined;
		this.names.set(entry.name, (this.names.get(entry.name) ?? 1) - 1);
		if (entry.isDoor) this.doors--;
		return entry;
	}
}

/** A start tag, with those of its attributes that matter here. */
export type Tag = {name: string; isSelfClosing: boolean; attributes: ReadonlyMap<string, string>};

/**
 * The tree construction of the HTML standard, reduced to one question: is what comes next HTML, and of the document? Of HTML
 * elements it only counts how many of a name are open; who needs them in order has to build the tree.
 */
export class OpenElements {
	readonly #segments: Segment[] = [new Segment()];

	get #segment(): Segment {
		return this.#segments.at(-1) as Segment;
	}

	/** Inside a template: no part of the document. */
	get isTemplate(): boolean {
		return this.#segments.length > 1;
	}

	/** Inside a picture or a formula, where no text is raw and CDATA sections exist. */
	get isForeign(): boolean {
		return this.#segment.foreign.length > 0;
	}

	/** @returns whether it is an element of HTML */
	start(tag: Tag): boolean {
		const segment = this.#segment;
		const top = segment.foreign.at(-1);
		if (top && !takes(top, tag.name)) {
			if (!breaksOut(tag)) {
				if (!tag.isSelfClosing) segment.push(foreign(tag, top.realm));
				return false;
			}
			this.#breakOut();
		}
		const {name} = tag;
		if (name === 'svg' || name === 'math') {
			if (!tag.isSelfClosing) segment.push(foreign(tag, name));
			return false;
		}
		if (name === 'template') this.#segments.push(new Segment());
		else if (!voids.has(name)) segment.html.set(name, (segment.html.get(name) ?? 0) + 1);
		return true;
	}

	end(name: string): void {
		const segment = this.#segment;
		if (segment.foreign.length > 0) {
			if (name === 'p' || name === 'br') this.#breakOut();
			else if ((segment.names.get(name) ?? 0) > 0) {
				while (segment.pop()?.name !== name);
				return;
			}
		}
		if (name === 'template') {
			if (this.isTemplate) this.#segments.pop();
			return;
		}
		const open = segment.html.get(name) ?? 0;
		if (open === 0 || notClosing.has(name) || segment.doors > 0) return;
		segment.html.set(name, open - 1);
		while (segment.pop());
	}

	#breakOut(): void {
		const {foreign} = this.#segment;
		while (foreign.length > 0 && !foreign.at(-1)?.takesHtml) this.#segment.pop();
	}
}

/** Whether a start tag inside of `top` is one of HTML ("tree construction dispatcher", §13.2.6). */
function takes(top: Foreign, name: string): boolean {
	if (top.name === annotation && name === 'svg') return true;
	if (!top.takesHtml) return false;
	return top.realm === 'svg' || top.name === annotation || (name !== 'mglyph' && name !== 'malignmark');
}

const breaksOut = ({name, attributes}: Tag): boolean =>
	breakouts.has(name) || (name === 'font' && ['color', 'face', 'size'].some(attribute => attributes.has(attribute)));

function foreign({name, attributes}: Tag, realm: Realm): Foreign {
	const isDoor = doors[realm].has(name);
	const encoding = attributes.get('encoding')?.toLowerCase();
	const takesHtml = isDoor && (name !== annotation || encoding === 'text/html' || encoding === 'application/xhtml+xml');
	return {name, realm, isDoor, takesHtml};
}
