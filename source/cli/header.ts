/** `Name: value` in its two parts, the value as it stands. Throws with the rest of the sentence "… is invalid: …". */
export function splitHeader(text: string): readonly [name: string, value: string] {
	const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/s.exec(text) ?? [];
	if (name === undefined || value === undefined) throw new Error("it must read 'Name: value'");
	return [name, value];
}

/** RFC 9110 §5.5: visible characters, spaces and tabs; a line break would start another header. */
export function fieldValue(value: string): string {
	if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value.trim();
	throw new Error('a header value may not hold control characters or characters beyond Latin-1');
}
