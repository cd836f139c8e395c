import type {Result} from '../engine/task.ts';
import type {Agreement, ModelName} from './seams.ts';

/** What may be another each time: when it was and how long it took; and how often it began, for workers may die. */
type Lasting = Omit<Result, 'startedAt' | 'seconds' | 'timings' | 'attempts'>;

export function lasting({startedAt: _, seconds: __, timings: ___, attempts: ____, ...rest}: Result): Lasting {
	return rest;
}

/** Whether all models have got the same from the same pages, record for record. */
export class Comparison {
	readonly #first = new Map<number, {model: ModelName; result: Lasting; text: string}>();
	/** Those with a second record: until then there was nothing to compare. */
	readonly #compared = new Set<number>();
	readonly #different = new Set<number>();
	agreement: Agreement = {compared: 0, differences: 0, first: undefined};

	add(model: ModelName, number: number, result: Result): void {
		const here = lasting(result);
		const text = JSON.stringify(here);
		const before = this.#first.get(number);
		if (!before) {
			this.#first.set(number, {model, result: here, text});
			return;
		}
		this.#compared.add(number);
		this.agreement = {...this.agreement, compared: this.#compared.size};
		if (before.text === text || this.#different.has(number)) return;
		this.#different.add(number);
		const fields = Object.keys(here) as Array<keyof Lasting>;
		const field = fields.find(name => JSON.stringify(here[name]) !== JSON.stringify(before.result[name])) ?? 'url';
		this.agreement = {
			...this.agreement,
			differences: this.#different.size,
			first: this.agreement.first ?? {
				number,
				url: result.url,
				field,
				models: [before.model, model],
				values: [before.result[field], here[field]],
			},
		};
	}
}
