import { Chart } from './chart.js';
import { element, facts, write } from './elements.js';
import { Poll } from './poll.js';
import { Series } from './series.js';
import { brief, bytes, duration, visible, whole } from './text.js';

/**
 * What is drawn.
 *
 * @typedef {(series: Series) => import('./series.js').Point[]} Measure
 *
 * @type {[title: string, format: (value: number) => string, measure: Measure][]}
 */
const CHARTS = [
    ['Submitted /s', brief, (series) => series.rates(({ totals }) => totals.submitted)],
    ['Committed /s', brief, (series) => series.rates(({ totals }) => totals.committed)],
    ['Transforms /s', brief, (series) => series.rates(({ totals }) => totals.transforms)],
    ['Bytes out /s', bytes, (series) => series.rates(({ totals }) => totals.bytes_out)],
    ['Edits waiting', brief, (series) => series.levels(waiting)],
    ['Output waiting', bytes, (series) => series.levels(({ queues }) => queues.output_bytes)],
];

/** @param {any} answer */
function waiting({ queues }) {
    return queues.inbox + queues.tentative;
}

/** The head of the page: does the server answer, what does it do, what waits. */
export class ServerView {
    #series = new Series();
    #charts = CHARTS.map(([title, format]) => {
        return new Chart(title, format, format === bytes ? 1024 : 1000);
    });
    #answered = 0;
    #poll;
    /** @type {any} the last answer, or null */
    last = null;

    constructor() {
        element('charts').append(...this.#charts.map((chart) => chart.element));
        this.#poll = new Poll(
            'api/server',
            (answer) => this.#told(answer),
            (code) => this.#lost(code),
        );
    }

    start() {
        this.#poll.start();
    }

    /** @param {any} answer */
    #told(answer) {
        this.last = answer;
        this.#answered = Date.now();
        this.#series.add(this.#answered, answer);
        this.#light(answer.ready ? 'synced' : 'saving', answer.ready ? 'ready' : 'not ready');
        this.#draw();
        facts(element('node'), nodeFacts(answer));
        facts(element('totals'), totalFacts(answer));
        element('totals').classList.toggle('alarm', answer.totals.diverged > 0);
    }

    /** @param {number} code */
    #lost(code) {
        this.#light('offline', code === 0 ? 'no answer' : `answers ${code}`);
        const ago = Date.now() - this.#answered;
        write(element('light-since'), this.#answered ? ` for ${duration(ago)}` : '');
        this.#draw();
    }

    /**
     * @param {string} state
     * @param {string} text
     */
    #light(state, text) {
        element('light').dataset.sync = state;
        write(element('light-text'), text);
        write(element('light-since'), '');
    }

    #draw() {
        CHARTS.forEach(([, , measure], i) => {
            this.#charts[i].show(measure(this.#series), Date.now());
        });
    }
}

/**
 * @param {any} answer
 * @returns {[string, string][]}
 */
function nodeFacts({ node, version, store, uptime_ms, cluster }) {
    /** @type {[string, string][]} */
    const pairs = [
        ['Node', visible(node ?? 'on its own')],
        ['Version', visible(version)],
        ['Store', visible(store)],
        ['Up for', duration(uptime_ms)],
    ];
    if (cluster) {
        const members = visible(cluster.members.join(', '));
        pairs.push(['Cluster', `${members}${cluster.up ? '' : ' – the bus is away'}`]);
    }
    return pairs;
}

/**
 * @param {any} answer
 * @returns {[string, string][]}
 */
function totalFacts({ connections, sessions, documents, readers, queues, totals }) {
    return [
        ['Connections', whole(connections)],
        ['Sessions', whole(sessions)],
        ['Documents', whole(documents)],
        ['Readers', whole(readers)],
        ['Behind', whole(queues.behind)],
        ['Inbox', whole(queues.inbox)],
        ['Tentative', whole(queues.tentative)],
        ['Store asked', whole(queues.store_requests)],
        ['Refused', whole(totals.refused)],
        ['Came again', whole(totals.acknowledged_again)],
        ['Diverged', whole(totals.diverged)],
    ];
}
