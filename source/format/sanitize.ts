/**
 * Control (C0, DEL, C1), bidirectional formatting (UAX #9), line and paragraph separators, interlinear and tag characters:
 * what a stranger's text could use to move the cursor, reorder a line or hide something.
 */
const unsafe =
	/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** ANSI sequences go as a whole, so that no `[31m` stays behind: CSI, OSC (with its end) and the two-byte ones. */
const ansi =
	/(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

const plain = /^[\x20-\x7e]*$/;

/**
 * Makes a stranger's text safe to print on one line. Tabs and newlines become spaces, the rest of the unsafe is dropped.
 * Done once, where text enters the engine, so that no reporter has to remember it.
 */
export function sanitize(text: string): string {
	if (plain.test(text)) return text;
	return text
		.replace(ansi, '')
		.replace(/[\t\n\r\f\v]+/g, ' ')
		.replace(unsafe, '');
}
