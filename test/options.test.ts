import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {defaults, optionSpecs} from '../source/cli/options.ts';

const spellings = optionSpecs.flatMap(({flags, alias}) =>
	[...flags.matchAll(/(?<![\w-])--?[a-zA-Z][\w-]*/g)].map(String).concat(alias ?? []),
);

suite('the table of options', () => {
	test('no name and no spelling is used twice', () => {
		assert.deepEqual(spellings.toSorted(), [...new Set(spellings)].toSorted());
		const names = optionSpecs.map(({name}) => name);
		assert.equal(new Set(names).size, names.length);
	});

	test('no spelling is one of the built-in ones', () => {
		for (const taken of ['-h', '--help', '-V', '--version']) assert.ok(!spellings.includes(taken), taken);
	});

	test('every default belongs to an option, but for the URLs themselves and the keys of the dashboard', () => {
		const names = new Set<string>(optionSpecs.map(({name}) => name));
		assert.deepEqual(
			Object.keys(defaults).filter(name => !names.has(name)),
			['urls', 'keys'],
		);
	});

	test('the defaults are those the design promises', () => {
		const {concurrency, perHost, retries, timeout, connectTimeout, maxRedirects, dir, save} = defaults;
		assert.deepEqual(
			{concurrency, perHost, retries, timeout, connectTimeout, maxRedirects, dir, save},
			{
				...{concurrency: 8, perHost: Number.POSITIVE_INFINITY, retries: 4, timeout: 30_000, connectTimeout: 10_000},
				...{maxRedirects: 10, dir: '.', save: true},
			},
		);
	});

	for (const {name, flags, standard, parse} of optionSpecs.filter(({standard}) => standard !== undefined))
		test(`${flags}: the default that is shown is the one that is used`, () => {
			const used = defaults[name];
			if (standard === 'no limit') assert.equal(used, Number.POSITIVE_INFINITY);
			else assert.deepEqual(parse?.(standard ?? '', undefined), used);
		});

	test('every option is listed in the group, with a meaning that starts small and ends without a dot', () => {
		for (const {flags, means} of optionSpecs) {
			assert.match(flags, /^(-\w, )?--[a-z0-9-]+( <.+>)?$/);
			assert.doesNotMatch(means, /\.$|^[A-Z]/, flags);
		}
	});
});
