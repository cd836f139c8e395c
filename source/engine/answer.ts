import {coded, type Failure, failureOf, httpFailure} from './failure.ts';
import {missing, prefixOf} from './ranges.ts';
import {parseRetryAfter} from './retry.ts';
import type {FetchRequest, Head, PartFile, Validators} from './seams.ts';

/** The date in `Last-Modified` is strong from this many milliseconds before `Date` on (RFC 9110 §8.8.2.2). */
const settled = 1_000;

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * How much of what is here is asked for again, and compared, before anything is added to it. Even behind a validator: the
 * ETag of nginx is only time and size, and a page or two costs nothing. With no validator it is all there is.
 */
const overlaps = {validated: 4 * 1024, unvalidated: 64 * 1024};

export function validatorsOf({headers}: Head): Validators {
	const {etag, date} = headers;
	const modified = headers['last-modified'];
	const isStrong = modified !== undefined && Date.parse(date ?? '') - Date.parse(modified) >= settled;
	const validators: Validators = {};
	if (etag) validators.etag = etag;
	if (isStrong) validators.lastModified = modified;
	return validators;
}

/** What `If-Range` may carry: only a strong ETag or date promises the same bytes (RFC 9110 §13.1.5). */
export function ifRangeOf({etag, lastModified}: Validators = {}): string | undefined {
	return etag?.startsWith('"') ? etag : lastModified;
}

/** The bytes of a part that are asked for: its first gap, with what precedes it to compare. Undefined for the whole body. */
export function rangeFor({ranges, total, validators}: PartFile): FetchRequest['range'] {
	const end = total ?? Number.POSITIVE_INFINITY;
	const [gap = [end, end]] = missing(ranges, end);
	const validator = ifRangeOf(validators);
	const before = ranges.findLast(([, to]) => to === gap[0])?.[0] ?? gap[0];
	const start = Math.max(before, gap[0] - (validator ? overlaps.validated : overlaps.unvalidated));
	// Several ranges can only have come from one version that was named; without a name they are of no use.
	if (ranges.length === 0 || (!validator && (start === 0 || prefixOf(ranges) !== gap[0]))) return undefined;
	return gap[1] === end ? [start] : [start, gap[1]];
}

/**
 * What an answer is: the whole body, the range that was asked for, nothing new (304), a range that does not belong to what
 * is here, or a failure.
 */
export function judge(
	head: Head,
	request: FetchRequest,
	part: PartFile | undefined,
	now: number,
): 'whole' | 'range' | 'unchanged' | 'mismatch' | Failure {
	const {status} = head;
	if (status === 304 && request.unless) return 'unchanged';
	if (status === 416 && request.range) return 'mismatch';
	if (status === 206) return !request.range ? failureOf(coded('BAD_RANGE')) : fits(head, request, part);
	// Nothing at all is no newer version of something.
	if ((status === 204 || status === 205) && part?.replaces) return httpFailure(status);
	if (status >= 200 && status < 300) return 'whole';
	// With one, the redirect would have been followed.
	const isNowhere = redirects.has(status) && head.headers.location === undefined;
	return httpFailure(
		status,
		parseRetryAfter(head.headers['retry-after'], now),
		isNowhere ? 'but no Location' : undefined,
	);
}

function fits(head: Head, {range: asked, ifRange}: FetchRequest, part: PartFile | undefined): 'range' | 'mismatch' {
	const {start, end = 0, total} = head.range ?? {};
	const {length} = head;
	const isThere =
		start !== undefined && start === asked?.[0] && end > start && end <= (asked[1] ?? Number.POSITIVE_INFINITY);
	const isWhole = length === undefined || length === end - (start ?? 0);
	const isPossible = total === undefined || Math.max(end, part?.ranges.at(-1)?.[1] ?? 0) <= total;
	// An ETag that was asked for comes with the answer (RFC 9110 §15.3.7); a date may be left out.
	const isNamed = !ifRange?.startsWith('"') || head.headers.etag === ifRange;
	const isSame =
		isPossible &&
		isNamed &&
		(part?.total === undefined || total === undefined || total === part.total) &&
		isSameVersion(part?.validators, head) &&
		head.headers['content-encoding'] === undefined;
	return isThere && isWhole && isSame ? 'range' : 'mismatch';
}

/** What both name must be equal; what only one of them names says nothing. */
export function isSameVersion({etag, lastModified}: Validators = {}, {headers}: Head): boolean {
	const theirs = headers['last-modified'];
	return (
		(etag === undefined || headers.etag === undefined || headers.etag === etag) &&
		(lastModified === undefined || theirs === undefined || theirs === lastModified)
	);
}

/** Whether it is the same body, whoever sent it: two servers seldom name a version alike, but when they do it is one. */
export function isProven({etag, lastModified}: Validators = {}, {headers}: Head): boolean {
	return (
		(etag?.startsWith('"') === true && etag === headers.etag) ||
		(lastModified !== undefined && lastModified === headers['last-modified'])
	);
}

/** Bytes of the whole body, if the answer says so. */
export const totalOf = ({status, range, length}: Head): number | undefined => (status === 206 ? range?.total : length);
