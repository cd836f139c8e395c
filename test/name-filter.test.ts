import assert from 'node:assert/strict';
import fc from 'fast-check';
import {NameFilter} from '../source/storage/name-filter.ts';
import {test} from './helpers/engine.ts';

test('a name that was added may be there, in whatever case it is written', () => {
	fc.assert(
		fc.property(fc.array(fc.string()), fc.array(fc.string({unit: 'binary'})), (names, others) => {
			const filter = new NameFilter();
			for (const each of [...names, ...others]) filter.add(each);
			for (const each of names)
				assert.ok([each, each.toUpperCase(), each.toLowerCase()].every(written => filter.has(written)));
			for (const each of others) assert.ok(filter.has(each));
		}),
		{numRuns: 50},
	);
});

test('a name that is not all ASCII may always be there: systems differ in which of those are the same', () => {
	assert.ok(new NameFilter().has('résumé'));
});

test('of a hundred thousand names few others seem to be there, also among names that differ in a number only', () => {
	const filter = new NameFilter();
	for (let number = 0; number < 100_000; number++) filter.add(`${number}.bin`);
	let wrong = 0;
	for (let number = 100_000; number < 200_000; number++) if (filter.has(`${number}.bin`)) wrong++;
	// One in seven thousand, by the arithmetic of such filters.
	assert.ok(wrong < 100, `${wrong} of 100,000`);
});
