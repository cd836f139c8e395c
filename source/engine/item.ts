import {sanitize} from '../format/sanitize.ts';
import {coded, type Failure, failureOf} from './failure.ts';
import type {InputItem} from './intake.ts';
import type {TaskOptions} from './seams.ts';
import {parseTarget, withoutUserinfo} from './target.ts';

type Targets = readonly [URL, ...URL[]];

/** Stands for the URL of a line that has none. It never gets to run. */
export const nowhere: Targets = [new URL('about:invalid')];

const none: TaskOptions = {};

const isPlain = ({mirrors, output, checksum, connections}: InputItem): boolean =>
	mirrors === undefined && output === undefined && checksum === undefined && connections === undefined;

/** An item of the input: where to ask, with credentials, and what may be shown of it, without. */
export function readItem(item: InputItem): {targets?: Targets; url: string; host: string; options: TaskOptions} {
	const target = parseTarget(item.url);
	// Most lines are a URL and no more.
	if (target && isPlain(item))
		return {targets: [target.url], url: target.display, host: target.url.host, options: none};
	const mirrors = (item.mirrors ?? []).flatMap(text => parseTarget(text) ?? []);
	const {output, checksum, connections} = item;
	const options: TaskOptions = {
		...(output !== undefined && {output}),
		...(mirrors.length > 0 && {mirrors: mirrors.map(({display}) => display)}),
		...(checksum && {checksum}),
		...(connections !== undefined && {connections}),
	};
	if (!target) return {url: sanitize(withoutUserinfo(item.url)), host: '', options};
	return {
		targets: [target.url, ...mirrors.map(({url}) => url)],
		url: target.display,
		host: target.url.host,
		options,
	};
}

/** Why an item cannot be run, if it cannot. @param url as it is shown */
export function problemOf({where, problem}: InputItem, url: string, isUrl: boolean): Failure | undefined {
	const at = where === undefined ? '' : `${sanitize(where)}: `;
	if (!isUrl) return failureOf(coded('INVALID_URL', `${at}not an http(s) URL: ${JSON.stringify(url)}`));
	return problem === undefined ? undefined : failureOf(coded('INVALID_OPTION', `${at}${sanitize(problem)}`));
}
