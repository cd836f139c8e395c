import type {Limits, RunState} from '../../engine/events.ts';
import type {Second} from './history.ts';
import {type Change, isAtLimit, judge, type Present, type Reason, type Verdict} from './verdict.ts';

/** Verdicts that are kept. */
const mostVerdicts = 20;
/** Seconds before a change that it is compared with, at most and at least. */
const window = {most: 30, least: 5};
/** Whole seconds left out after whatever has changed the pace: connections are being made, and begin slowly. */
const settling = 2;
/** Seconds that slots may take to fill, and that what runs beyond a lowered limit may take to finish. */
const patience = {filling: 6, draining: 120};
/** Milliseconds after a change in which slots that do not fill tell more of it than that it came too soon. */
const betterReason = 1000 * (patience.filling + 4);
/**
 * Seconds after a change that are looked at, and then no more. Looking every second would find something sooner or later in
 * whatever noise.
 */
const looks: readonly number[] = [5, 8, 12, 18, 27];
/** As much of the slots must be in use for a second to tell anything of them. */
const filled = 0.9;

/** Of the last so many seconds half must be as fast as the bandwidth limit lets them, or it does not hold any more. */
const held = {seconds: 4, share: 0.5};

/** Why there is nothing to compare with, when nothing is wrong but the time. */
const startTime = 15;
const atStart = 'too soon after the start: not compared';
const tooSoon = 'too few steady seconds before it: not compared';
const ending: Reason = {why: 'no effect while the run drains', now: 'draining'};

/** A change that has not been judged yet, and the seconds before it. */
type Pending = Change & {before: readonly Second[]; age: number};
/** `at` is when it was told, under which limits. */
export type Told = Verdict & {at: number; limits: Readonly<Limits>};

const others = ['perHost', 'rate', 'bandwidth'] as const;
/** The state of the run in which it can be so. */
const stateOf: Readonly<Record<Present, RunState>> = {idle: 'running', bandwidth: 'running', draining: 'draining'};

/** What it says of the present; undefined when all of it is past. */
export function presentOf(verdict: Verdict): Present | undefined {
	if (verdict.kind === 'void') return verdict.now;
	return verdict.isLimited ? 'bandwidth' : undefined;
}

/**
 * Watches the seconds of a run for changes of the concurrency, and measures what each did: the seconds before it against those
 * after it, when things have settled, and only as long as nothing else was changed in between.
 */
export class Effects {
	readonly #told: Told[] = [];
	#limit: number | undefined;
	#last: Second | undefined;
	/** Seconds at this concurrency that tell something, newest last. */
	#steady: Second[] = [];
	/** Seconds since the pace was changed; undefined when it has settled. */
	#unsettled: number | undefined = 0;
	#idle = 0;
	/** Why there is nothing to compare with. */
	#why: Reason = {why: atStart};
	#pending: Pending | undefined;
	/** Seconds that were watched. */
	#age = 0;
	/** The last seconds, whatever was changed between them. */
	#recent: Second[] = [];
	/** What the last verdict said of the present is no longer so. */
	#isOver = false;

	/** Oldest first, the last 20. */
	get told(): readonly Told[] {
		return this.#told;
	}

	/** The last verdict, unless what it says of the present is no longer so. @param run as it is now */
	latest(run: Readonly<Limits> & {state: RunState}): Told | undefined {
		const last = this.#told.at(-1);
		if (last?.to !== run.concurrency) return undefined;
		const present = presentOf(last);
		if (present === undefined) return last;
		const isOther = run.state !== stateOf[present] || others.some(name => run[name] !== last.limits[name]);
		return this.#isOver || isOther ? undefined : last;
	}

	/** What is being measured. @param concurrency as it is now, which the last second may not know of */
	measuring(concurrency: number): Change | undefined {
		const [limit, pending] = [this.#limit, this.#pending];
		if (limit === undefined || concurrency === limit) return pending && {from: pending.from, to: pending.to};
		const from = this.#isFresh ? pending?.from : limit;
		const canBe = this.#isFresh || this.#steady.length >= window.least;
		return from === undefined || from === concurrency || !canBe ? undefined : {from, to: concurrency};
	}

	/** A second is over. */
	next(second: Second, at: number): void {
		if (this.#recent.push(second) > held.seconds) this.#recent.shift();
		this.#take(second, at);
		const told = this.#told.at(-1);
		this.#isOver ||= told !== undefined && !this.#holds(told, second);
	}

	#holds(told: Told, second: Second): boolean {
		const present = presentOf(told);
		if (present === undefined) return true;
		if (second.state !== stateOf[present]) return false;
		if (present === 'idle') return isIdle(second);
		return present !== 'bandwidth' || isAtLimit(this.#recent, held.share);
	}

	#take(second: Second, at: number): void {
		this.#age++;
		const last = this.#last;
		this.#last = second;
		const {concurrency} = second.limits;
		this.#limit ??= concurrency;
		if (this.#pending) this.#pending.age++;
		const isChange = concurrency !== this.#limit;
		if (isChange) this.#change(concurrency, second.state, at);
		const spoiled = spoilOf(second, last);
		if (spoiled) return this.#spoil({why: spoiled}, at);
		if (isChange) return;
		if (this.#unsettled !== undefined) return this.#settle(second, at);
		if (isIdle(second)) return this.#idles(second, at);
		if (this.#steady.push(second) > window.most) this.#steady.shift();
		if (this.#pending && looks.includes(this.#steady.length)) this.#look(this.#pending, this.#steady, at);
	}

	/** The last change has not been in force for long enough to be compared with. */
	get #isFresh(): boolean {
		return this.#pending !== undefined && this.#steady.length < window.least;
	}

	#change(to: number, state: RunState, at: number): void {
		const pending = this.#pending;
		const [from, steady] = [this.#limit as number, this.#steady];
		const isShort = steady.length < window.least;
		this.#limit = to;
		this.#unsettle();
		if (pending && isShort) {
			// Keys pressed one after the other are one change, and all the way back is none.
			if (pending.from === to) this.#pending = undefined;
			else if (pending.age > window.most) this.#void({...pending, to}, {why: 'changed too often to compare'}, at);
			else this.#pending = {...pending, to};
			return;
		}
		if (pending) this.#look(pending, steady, at, {why: 'changed again too soon'});
		if (isShort) this.#void({from, to}, state === 'draining' ? ending : this.#why, at);
		else this.#pending = {from, to, before: steady, age: 0};
	}

	#settle(second: Second, at: number): void {
		const {running, limits} = second;
		const waited = (this.#unsettled ?? 0) + 1;
		this.#unsettled = waited;
		const isOver = running > limits.concurrency + 0.5;
		const isShort = running < filled * limits.concurrency && isIdle(second);
		if (waited > (isOver ? patience.draining : patience.filling)) {
			if (isOver) this.#spoil({why: 'it took too long to drain'}, at);
			else if (isShort) this.#findIdle(second, at);
		}
		if (waited < settling || isOver || isShort) return;
		this.#unsettled = undefined;
		if (this.#why.why !== atStart || this.#age > startTime) this.#why = {why: tooSoon};
	}

	/** A second now and then does not matter. */
	#idles(second: Second, at: number): void {
		this.#idle++;
		if (this.#idle >= 2 && this.#idle > (this.#idle + this.#steady.length) / 4) this.#findIdle(second, at);
	}

	/** Where nothing was said but that it was too soon, this is the better reason. */
	#findIdle(second: Second, at: number): void {
		const last = this.#told.at(-1);
		const why = idleness(second);
		this.#spoil(why, at);
		const isEarly = last?.kind === 'void' && (last.why === atStart || last.why === tooSoon);
		if (!isEarly || last !== this.#told.at(-1) || last.to !== this.#limit || at - last.at > betterReason) return;
		this.#told.pop();
		this.#void(last, why, at);
	}

	/** @param over why it is the last look, if it is before its time */
	#look({from, to, before}: Pending, after: readonly Second[], at: number, over?: Reason): void {
		const verdict = judge({from, to}, before, after, after.length >= (looks.at(-1) ?? 0));
		if (verdict) this.#tell(verdict, at);
		else if (over) this.#void({from, to}, over, at);
	}

	/** Seconds before this one and after it cannot be compared. */
	#spoil(why: Reason, at: number): void {
		if (this.#pending) this.#void(this.#pending, why, at);
		this.#why = why;
		this.#unsettle();
	}

	#unsettle(): void {
		this.#steady = [];
		this.#unsettled = 0;
		this.#idle = 0;
	}

	#void({from, to}: Change, reason: Reason, at: number): void {
		const last = this.#told.at(-1);
		const isSame = last?.kind === 'void' && last.to === from && last.why === reason.why;
		const isMore = isSame && at - last.at < 1000 * window.least;
		if (isMore) this.#told.pop();
		const first = isMore ? last.from : from;
		// Where it was before there is nothing to be said of it.
		if (first === to) this.#pending = undefined;
		else this.#tell({from: first, to, kind: 'void', ...reason}, at);
	}

	#tell(verdict: Verdict, at: number): void {
		this.#pending = undefined;
		this.#isOver = false;
		const {limits} = this.#last as Second;
		this.#told.push({...verdict, at, limits});
		if (this.#told.length > mostVerdicts) this.#told.shift();
	}
}

/** What makes a second, and those before it, incomparable with those after it. */
function spoilOf({watched, state, refusal, limits}: Second, last: Second | undefined): string | undefined {
	if (!watched) return 'nobody watched';
	if (state === 'paused') return 'paused meanwhile';
	if (state !== 'running') return 'the run was ending';
	if (refusal) return refusal;
	const isOther = others.some(name => last && last.limits[name] !== limits[name]);
	return isOther ? 'another limit was changed' : undefined;
}

/** Whether slots stayed free because of something else than the concurrency. */
const isIdle = ({running, limits, queued, held}: Second): boolean =>
	running < filled * limits.concurrency && (queued === 0 || held !== undefined);

function idleness({running, held}: Second): Reason {
	const some = Math.round(running);
	return {why: held === undefined ? `only ${some} had work` : `only ${some} ran: ${held}`, now: 'idle'};
}
