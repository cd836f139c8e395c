import {coded} from '../engine/failure.ts';
import {sanitize} from '../format/sanitize.ts';

/** What undici lets the headers of one answer, or the fields behind a chunked body, take in all. */
const headersLimit = '16 KiB';

/** An alert or a handshake of TLS (RFC 8446 §5.1): servers that want it answer plain text by an alert. */
const tlsRecord = /^[\u0015\u0016]\u0003[\u0000-\u0004]/;

/** What begins a conversation that is not HTTP. */
const greetings: ReadonlyArray<[RegExp, string]> = [
	[/^SSH-/, 'the server speaks SSH, not HTTP'],
	[/^\u0000\u0000[\s\S]\u0004\u0000/, 'the server speaks HTTP/2 only'],
	[/^220[ -]/, 'the server speaks FTP or SMTP, not HTTP'],
	[/^\* OK|^\+OK/, 'the server speaks a mail protocol, not HTTP'],
	[/^RFB \d/, 'the server speaks VNC, not HTTP'],
	[/^\s*</, 'a page without a status line (HTTP/0.9)'],
];

export const switched = (): Error =>
	coded('BAD_RESPONSE', 'the server switches to another protocol (101) without being asked');

/** Errors of undici that deserve a better word; all others as they are. @param hasHead the head was read */
export function protocolError(error: unknown, hasHead: boolean): unknown {
	if (!(error instanceof Error)) return error;
	const {name, message} = error;
	if (name === 'HeadersOverflowError')
		return coded('HEADERS_TOO_LARGE', `more than ${headersLimit} of headers or trailers`);
	// undici's own words; there is no code for it.
	if (name === 'SocketError' && message === 'bad upgrade') return switched();
	// undici's word for whatever the parser refuses behind a Content-Length.
	if (name === 'ResponseContentLengthMismatchError' && !hasHead)
		return coded('BAD_RESPONSE', 'the answer is not valid HTTP: its headers contradict each other or cannot be read');
	if (name !== 'HTTPParserError') return error;
	const reason = /\((.+)\)$/s.exec(message)?.[1] ?? '';
	if (/EOF/.test(reason)) return coded('CLOSED_EARLY');
	const start = 'data' in error && typeof error.data === 'string' ? error.data : '';
	if (tlsRecord.test(start)) return coded('TLS_EXPECTED');
	const detail = greetings.find(([greeting]) => greeting.test(start))?.[1] ?? sanitize(reason).toLowerCase();
	return coded('BAD_RESPONSE', `the answer is not valid HTTP${detail && `: ${detail}`}`);
}
