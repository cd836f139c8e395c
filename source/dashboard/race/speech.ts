import {bytes} from '../../format/bytes.ts';
import {plural} from '../../format/number.ts';
import {sanitize} from '../../format/sanitize.ts';
import type {Lane, LaneState, Measurement} from '../../race/seams.ts';
import type {Frame} from '../drawing/frame.ts';
import {keySentences} from '../drawing/sentences.ts';
import {seconds} from './columns.ts';
import {bestOf, standingsIn} from './figures.ts';
import {agreementForms} from './header.ts';
import type {RaceScene} from './scene.ts';
import type {RaceView} from './view.ts';

/** Milliseconds between two lines about the lane that runs, if it has changed at all. */
const newsTime = 5_000;

/** What was told of a lane. */
type Known = {state: LaneState; limit: number; incidents: number; rounds: number};

const knownOf = ({state, limit, incidents, measurements}: Lane): Known => ({
	state,
	limit,
	incidents,
	rounds: measurements.length,
});

/**
 * The race for somebody who listens: lines that come one after the other and are never drawn over. The report is not among them:
 * it is printed when the screen is left, and would be heard twice.
 */
export class RaceSpeech {
	#spoken: Frame = {lines: []};
	#lanes: readonly Known[] | undefined;
	#view: RaceView | undefined;
	#isOver = false;
	#news = '';
	#newsAt = 0;
	#isAsked = false;

	/** All that was said so far; the same object where nothing was added. */
	follow(scene: RaceScene): Frame {
		const lines = this.#lanes ? this.#change(scene, this.#lanes) : this.#greet(scene);
		this.#lanes = scene.store.lanes.map(knownOf);
		this.#view = scene.view;
		if (lines.length > 0) this.#spoken = {lines: [...this.#spoken.lines, ...lines]};
		return this.#spoken;
	}

	/** How the race stands is to be said at once. */
	repeat(): void {
		this.#isAsked = true;
	}

	/** Something is to be said though nothing has happened. */
	get isWaiting(): boolean {
		return this.#isAsked;
	}

	#greet({store, now, keymap}: RaceScene): string[] {
		this.#newsAt = now;
		const models = store.lanes.map(({model}) => model).join(', ');
		return [
			`fetchtop race: ${models}, ${plural(store.tasks, 'task')} each, ${plural(store.rounds, 'round')}`,
			`${keymap.keyOf('help')} tells all keys, ${keymap.keyOf('redraw')} how far it is, ${keymap.keyOf('quit')} leaves`,
		];
	}

	#change(scene: RaceScene, before: readonly Known[]): string[] {
		const lanes = scene.store.lanes.flatMap((lane, index) => laneNews(lane, before[index] ?? knownOf(lane), scene));
		return [
			...this.#answers(scene),
			...limitNews(scene.store.lanes, before),
			...lanes,
			...this.#end(scene),
			...this.#reports(scene),
		];
	}

	/** What keys have changed of the view. */
	#answers({view, keymap, theme}: RaceScene): string[] {
		const was = this.#view;
		const help = view.hasHelp ? keySentences({keymap, theme}) : ['back'];
		return [
			...(was?.hasHelp === view.hasHelp ? [] : help),
			...(view.notice !== undefined && view.notice !== was?.notice ? [view.notice] : []),
		];
	}

	#end({store, keymap}: RaceScene): string[] {
		if (store.state === 'running' || this.#isOver) return [];
		this.#isOver = true;
		const best = bestOf(standingsIn(store));
		const told = [store.state, best && `${best} was the fastest`, agreementForms(store)[0]];
		return [`${told.filter(Boolean).join(', ')}; ${keymap.keyOf('quit')} leaves and tells the rest`];
	}

	/** How far the lane that runs is. */
	#reports({store, now}: RaceScene): string[] {
		const isAsked = this.#isAsked;
		this.#isAsked = false;
		const news = store.current ? progressSentence(store.current, store.round) : store.state;
		const isNews = store.state === 'running' && now - this.#newsAt >= newsTime && news !== this.#news;
		if (!isAsked && !isNews) return [];
		this.#news = news;
		this.#newsAt = now;
		return [news];
	}
}

/** `round 2, threads: 17 of 40 done, 1 failed, 9 at once` */
function progressSentence({model, state, done, failed, tasks, usage}: Lane, round: number): string {
	if (state !== 'running') return `round ${round}, ${model}: ${state}`;
	const lost = failed > 0 ? `, ${failed} failed` : '';
	return `round ${round}, ${model}: ${done} of ${tasks} done${lost}, ${usage.running} at once`;
}

/** What has become of a lane since it was told of. */
function laneNews(lane: Lane, was: Known, scene: RaceScene): string[] {
	const {model, state, incident, incidents, measurements} = lane;
	const lines: string[] = [];
	if (incident !== undefined && incidents !== was.incidents) lines.push(`${model}: ${sanitize(incident)}`);
	// A short round may be over between two looks.
	if (measurements.length > was.rounds) lines.push(finishSentence(lane, measurements.at(-1)));
	const isTold = state === 'finished' || state === 'waiting' || state === was.state;
	if (!isTold)
		lines.push(state === 'starting' ? `round ${scene.store.round}, ${model} is starting` : `${model} ${saidOf(lane)}`);
	return lines;
}

const saidOf = ({state, start}: Lane): string => {
	if (state !== 'running') return `was ${state === 'broken' ? 'given up' : state}`;
	return start ? `runs, ready in ${seconds(start.wall)}` : 'runs';
};

function finishSentence({model}: Lane, last: Measurement | undefined): string {
	if (!last) return `${model} finished`;
	const {round, wall, done, failed, cpu, memory} = last;
	const used = `CPU ${seconds(cpu)}, ${bytes(memory)}`;
	return `round ${round}, ${model} finished in ${seconds(wall)}: ${done} done, ${failed} failed, ${used}`;
}

/** A limit that is changed for all lanes is told once. */
function limitNews(lanes: readonly Lane[], before: readonly Known[]): string[] {
	const changed = lanes.filter(({limit}, index) => before[index] && before[index].limit !== limit);
	const [first] = changed;
	if (!first) return [];
	if (changed.length > 1 && changed.every(({limit}) => limit === first.limit))
		return [`limit ${first.limit} in all lanes`];
	return changed.map(({model, limit}) => `${model}: limit ${limit}`);
}
