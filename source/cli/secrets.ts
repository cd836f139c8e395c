import type {OptionName} from './options.ts';
import {isData} from './values.ts';

/** What a login in a proxy's URL stands before. */
const login = /^(.*:\/\/)?.*@/s;

/** Names of headers that say who one is, or let one in. */
const telling = /auth|cookie|token|key|secret|pass|session|credential|signature/i;

/** Headers that give nothing away, whatever they say. Another one may. */
const harmless = /^(accept|accept-.*|cache-control|dnt|origin|pragma|referer|user-agent|x-requested-with)$/i;

type Secret = {
	/** Whether nobody else should be able to read it. */
	is(text: string): boolean;
	/** The text with nothing in it that could be secret. */
	shown(text: string): string;
};

const headerName = (text: string): string => /^[^:]*/.exec(text)?.[0] ?? '';

const secrets: Partial<Readonly<Record<OptionName, Secret>>> = {
	user: {is: () => true, shown: () => '***'},
	// It may be the name of a file.
	cookie: {is: isData, shown: text => (isData(text) ? '***' : text)},
	proxy: {is: text => login.test(text), shown: text => text.replace(login, '$1***@')},
	header: {
		is: text => telling.test(headerName(text)),
		shown: text => (harmless.test(headerName(text)) ? text : `${headerName(text)}: ***`),
	},
};

export const holdsSecret = (name: OptionName, text: string): boolean => secrets[name]?.is(text) ?? false;

/** What may be shown of an option's value. */
export const withoutSecrets = (name: OptionName, text: string): string => secrets[name]?.shown(text) ?? text;
