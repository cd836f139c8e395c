/** Something to look for on every page: the text of what a selector matches, or one of its attributes. */
export type Field = {name: string; selector: string; attribute?: string};

/** `NAME=SELECTOR[@ATTR]`. Throws with the rest of the sentence "… is invalid: …". The selector itself is not judged here. */
export function parseField(text: string): Field {
	const equals = text.indexOf('=');
	const name = text.slice(0, Math.max(0, equals));
	if (equals === -1 || !/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63}$/u.test(name) || name === '__proto__')
		throw new Error("it must be NAME=SELECTOR or NAME=SELECTOR@ATTRIBUTE, such as price='.price' or links=a@href");
	const rest = text.slice(equals + 1);
	const at = attributeSign(rest);
	const selector = rest.slice(0, at).trim();
	if (selector === '') throw new Error('it has no selector');
	if (at === rest.length) return {name, selector};
	const attribute = rest.slice(at + 1).trim();
	if (!/^[^\s"'<>/=@[\]()]+$/.test(attribute))
		throw new Error(`${JSON.stringify(attribute)} is no name of an attribute`);
	return {name, selector, attribute};
}

/** Where the `@` stands that is not in a string, in brackets, or escaped; the length if there is none. */
function attributeSign(text: string): number {
	let quote = '';
	let depth = 0;
	for (let index = 0; index < text.length; index++) {
		const char = text[index] ?? '';
		if (char === '\\') index++;
		else if (quote !== '') quote = char === quote ? '' : quote;
		else if (char === '"' || char === "'") quote = char;
		else if (char === '[' || char === '(') depth++;
		else if (char === ']' || char === ')') depth--;
		else if (char === '@' && depth === 0) return index;
	}
	return text.length;
}
