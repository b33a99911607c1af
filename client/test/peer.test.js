import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Peer } from '../src/peer.js';
import { counter } from '../src/types/counter.js';
import { text } from '../src/types/text.js';

const US = 'mmmmmmmm';
const LOWER = 'aaaaaaaa';
const HIGHER = 'zzzzzzzz';

/** @returns {import('../src/document.js').Edit} */
function edit() {
    return { operation: null, resolve() {}, reject() {} };
}

/** A peer that has read `data` as the document's first operation. */
function opened(data = 'ab', type = /** @type {any} */ (text)) {
    const peer = new Peer(type);
    peer.who = US;
    peer.opened({ snapshot: data, seq: 1, serial: 0, epoch: 7 });
    return peer;
}

/**
 * @param {Peer} peer
 * @param {any} operation
 */
function send(peer, operation) {
    const one = edit();
    peer.edit(operation, one);
    peer.take();
    return one;
}

test('One is in flight, the rest is composed', () => {
    const peer = opened();
    send(peer, ['x']);
    peer.edit([1, 'y'], edit());
    peer.edit([2, 'z'], edit());
    assert.deepEqual(peer.take(), []);
    assert.deepEqual(peer.inFlight?.operation, ['x']);
    assert.deepEqual(peer.queue.map(({ operation }) => operation), [[1, 'yz']]);
    assert.equal(peer.view, 'xyzab');
});

test('A long time offline is composed by halves, and sent as one', () => {
    const peer = opened('');
    const { compose } = peer.type;
    let composed = 0;
    peer.type = { ...peer.type, compose: (one, other) => {
        composed += JSON.stringify(one).length + JSON.stringify(other).length;
        return compose(one, other);
    } };
    for (let i = 0; i < 2000; i++) peer.edit(i === 0 ? ['a'] : [i, 'a'], edit());
    assert.ok(peer.queue.length < 12, `${peer.queue.length} parts`);
    peer.take();
    assert.deepEqual(peer.inFlight?.operation, ['a'.repeat(2000)]);
    assert.equal(peer.inFlight?.edits.length, 2000);
    assert.deepEqual(peer.queue, []);
    assert.ok(composed < 2000 * 11 * 20, `${composed} bytes were composed`);
});

test('What does not fit changes nothing', () => {
    const peer = opened();
    assert.throws(() => peer.edit([9, 'x'], edit()));
    assert.equal(peer.view, 'ab');
    assert.ok(peer.idle);
});

test('What is over the bytes of one message comes next', () => {
    const peer = opened('');
    for (let i = 0; i < 3; i++) peer.edit(['x'.repeat(40000)], edit());
    assert.equal(peer.queue.length, 2);
});

test('Edits that came to nothing are not sent', () => {
    const peer = opened();
    const [one, other] = [edit(), edit()];
    peer.edit(['x'], one);
    peer.edit([{ d: 1 }], other);
    assert.deepEqual(peer.take(), [one, other]);
    assert.equal(peer.inFlight, null);
    assert.equal(peer.serial, 0);
});

test('Ones own operation in the stream is its acknowledgement', () => {
    const peer = opened();
    const one = send(peer, ['x']);
    const outcome = peer.operation(2, US, ['x']);
    assert.equal(outcome.event, 'own');
    assert.deepEqual(outcome.edits, [one]);
    assert.equal(peer.confirmed, 'xab');
    assert.ok(peer.idle);
});

test('Others may say what they delete', () => {
    const peer = opened('a😀b');
    send(peer, [3, 'x']);
    const { change } = peer.operation(2, LOWER, [1, { d: '😀' }]);
    assert.deepEqual(change, [1, { d: 1 }]);
    assert.equal(peer.view, 'abx');
});

test('At one place the lower who goes first', () => {
    for (const [who, view] of [[LOWER, 'fxab'], [HIGHER, 'xfab']]) {
        const peer = opened();
        send(peer, ['x']);
        peer.operation(2, who, ['f']);
        assert.equal(peer.view, view);
    }
});

test('Pending operations go second beside a composed range', () => {
    const peer = opened();
    send(peer, ['x']);
    peer.composed(9, ['f'], 8);
    assert.equal(peer.view, 'fxab');
    assert.deepEqual(peer.resume(), { from: 9, epoch: 8, pending: 1 });
});

test('A frame that begins before our place is skipped up to it', () => {
    const peer = opened();
    assert.equal(peer.operation(1, LOWER, ['f']).event, 'skipped');
    assert.equal(peer.view, 'ab');
});

test('A number that was left out is noticed', () => {
    assert.throws(() => opened().operation(3, LOWER, ['f']));
});

test('An operation that cannot be leaves everything as it was', () => {
    const peer = opened();
    assert.throws(() => peer.operation(2, LOWER, [9, 'f']));
    assert.equal(peer.seq, 1);
    assert.equal(peer.view, 'ab');
});

test('The epoch holds from its first operation on', () => {
    const peer = opened();
    peer.nextEpoch = 8;
    assert.equal(peer.resume().epoch, 7);
    peer.operation(2, LOWER, ['f']);
    assert.equal(peer.resume().epoch, 8);
});

test('An operation refused for good leaves the view, later ones stay', () => {
    const peer = opened();
    const one = send(peer, [1, 'xyz']);
    peer.edit([2, '-'], edit());
    peer.edit([6, '!'], edit());
    assert.equal(peer.view, 'ax-yzb!');
    const outcome = peer.refused(1);
    assert.deepEqual(outcome.edits, [one]);
    assert.equal(text.apply('ax-yzb!', outcome.change), 'a-b!');
    assert.equal(peer.view, 'a-b!');
    peer.take();
    assert.equal(peer.inFlight?.serial, 2);
});

test('A refusal of another serial is of no concern', () => {
    const peer = opened();
    send(peer, ['x']);
    assert.equal(peer.refused(7).event, 'skipped');
    assert.equal(peer.view, 'xab');
});

test('A repeat that lies behind is there once', () => {
    const peer = opened();
    const one = send(peer, ['x']);
    peer.composed(5, ['x'], 7);
    const outcome = peer.repeated(1, 4);
    assert.equal(outcome.event, 'own');
    assert.deepEqual(outcome.edits, [one]);
    assert.equal(peer.view, 'xab');
});

test('A repeat that lies ahead comes by in the stream', () => {
    const peer = opened();
    send(peer, ['x']);
    assert.equal(peer.repeated(1, 2).event, 'skipped');
    assert.equal(peer.operation(2, US, ['x']).event, 'own');
});

test('A reload without what is pending moves it over the difference', () => {
    const peer = opened();
    send(peer, [1, 'x']);
    const { change } = peer.opened({ snapshot: 'new ab', seq: 9, serial: 0, epoch: 8 });
    assert.equal(peer.view, 'new axb');
    assert.equal(text.apply('axb', change), 'new axb');
    assert.deepEqual(peer.inFlight?.operation, [5, 'x']);
});

test('A reload with what is pending has it once, and asks for its fate', () => {
    const peer = opened();
    const one = send(peer, [1, 'x']);
    peer.edit([3, '!'], edit());
    peer.opened({ snapshot: 'new axb', seq: 9, serial: 1, epoch: 8 });
    assert.equal(peer.view, 'new axb!');
    assert.deepEqual(peer.inFlight?.operation, []);
    assert.deepEqual(peer.repeated(1, 5).edits, [one]);
    assert.equal(peer.view, 'new axb!');
});

test('Ones own operation in another form is foreign, and ours waits again', () => {
    const peer = opened();
    send(peer, ['x']);
    const { event } = peer.operation(2, US, ['y']);
    assert.equal(event, 'diverged');
    assert.equal(peer.inFlight, null);
    assert.equal(peer.queue.length, 1);
    assert.equal(peer.confirmed, 'yab');
});

test('A server that has lost a serial whose fate we know has another history', () => {
    const peer = opened();
    send(peer, ['x']);
    peer.operation(2, US, ['x']);
    assert.equal(peer.opened({ seq: 2, serial: 1, epoch: 7 }).event, 'opened');
    assert.equal(peer.opened({ seq: 2, serial: 0, epoch: 7 }).event, 'diverged');
});

test('A server does not know the serial of what was taken back', () => {
    const peer = opened();
    send(peer, ['x']);
    peer.unsend();
    assert.equal(peer.opened({ seq: 1, serial: 0, epoch: 7 }).event, 'opened');
});

test('A serial that we never used means that somebody has our session', () => {
    const peer = opened();
    send(peer, ['x']);
    const { event } = peer.opened({ seq: 4, serial: 3, epoch: 7 });
    assert.equal(event, 'diverged');
    assert.equal(peer.inFlight, null);
    assert.equal(peer.view, 'xab');
});

test('A document that is gone gives back what was pending', () => {
    const peer = opened();
    const one = send(peer, ['x']);
    const { edits, change } = peer.drop();
    assert.deepEqual(edits, [one]);
    assert.equal(text.apply('xab', change), 'ab');
    assert.equal(peer.view, 'ab');
    assert.deepEqual([peer.inFlight?.serial, peer.inFlight?.operation], [1, []]);
});

test('A counter is made again from what is confirmed', () => {
    const peer = opened(/** @type {any} */ (10), counter);
    send(peer, 5);
    peer.edit(1, edit());
    peer.operation(2, LOWER, 100);
    assert.equal(peer.view, 116);
    peer.refused(1);
    assert.equal(peer.view, 111);
});

test('A counter beyond the safe integers is composed no further', () => {
    const peer = opened(/** @type {any} */ (0), counter);
    peer.edit(Number.MAX_SAFE_INTEGER, edit());
    peer.edit(-Number.MAX_SAFE_INTEGER, edit());
    peer.edit(-Number.MAX_SAFE_INTEGER, edit());
    assert.equal(peer.view, -Number.MAX_SAFE_INTEGER);
    assert.throws(() => peer.edit(-1, edit()), { code: 218 });
});

test('A record leads to the same peer', () => {
    const peer = opened();
    send(peer, ['x']);
    peer.edit([1, 'y'], edit());
    const copy = Peer.restore(text, JSON.parse(JSON.stringify(peer.record())));
    assert.equal(copy.view, 'xyab');
    assert.deepEqual(copy.resume(), { from: 1, epoch: 7, pending: 1 });
    assert.deepEqual(copy.record(), peer.record());
});
