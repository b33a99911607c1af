/** Each binding in its real editor: two people, cuts, input methods, pastes, undo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { numbersOf, OUTPUT, raise, SEED, STEPS, until } from './stage.js';

const WORDS = ['una ', 'due ', 'tre ', 'ciao ', '😀', 'é', '漢字 ', '👩‍👩‍👧 '];
const EDITORS = ['textarea', 'codemirror', 'quill'];

const stage = raise();
const { front } = stage;

/** A person before an editor. */
class Person {
    static async arrive(editor, tab, name) {
        const person = new Person();
        person.tab = tab;
        person.page = await stage.arrive();
        await person.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        const where = `editor=${editor}&tab=${tab}&document=${name}-${editor}`;
        await person.page.goto(`${front.url}editor.html?${where}`);
        await until(person.page, () => globalThis.seen?.doc !== undefined);
        await person.does('focus');
        return person;
    }

    /** What the page offers for its editor. */
    does(what, ...rest) {
        return this.page.evaluate(([name, args]) => globalThis.seen.editor[name](...args), [
            what,
            rest,
        ]);
    }

    async type(at, text) {
        await this.does('focus');
        await this.does('select', at, at);
        await this.page.keyboard.insertText(text);
    }

    reads(text) {
        return until(this.page, (want) => globalThis.seen.editor.text() === want, text);
    }

    is(sync) {
        return until(this.page, (want) => globalThis.seen.doc.sync === want, sync);
    }

    tell(name) {
        return this.page.evaluate((own) => {
            const { presence } = globalThis.seen.doc;
            presence.set({ ...presence.own, name: own });
        }, name);
    }

    async leave() {
        assert.deepEqual(await this.page.evaluate(() => globalThis.seen.errors), []);
        await stage.leave(this.page);
    }
}

function both(editor, name) {
    return Promise.all(
        ['one', 'other'].map((tab) => Person.arrive(editor, `${tab}-${name}-${editor}`, name)),
    );
}

/** Waits until both editors, and both documents, have the same. */
async function converged(people) {
    for (const person of people) await person.is('synced');
    const all = () => Promise.all(people.map((person) => person.does('text')));
    for (let tries = 0; tries < 200 && new Set(await all()).size > 1; tries++)
        await people[0].page.waitForTimeout(25);
    const [text, ...others] = await all();
    for (const other of others) assert.equal(other, text);
    for (const person of people) assert.equal(await person.does('shows'), text);
    return text;
}

async function act(person, editor, below) {
    const text = await person.does('text');
    let at = below(text.length + 1);
    if (/[\udc00-\udfff]/.test(text[at] ?? '')) at--;
    const what = below(12);
    if (what < 6) await person.type(at, WORDS[below(WORDS.length)]);
    else if (what < 7) {
        await person.does('select', at, at);
        await person.page.keyboard.press('Enter');
    } else if (what < 9) {
        await person.does('select', at, at);
        await person.page.keyboard.press('Backspace');
    } else if (what < 10) await person.page.keyboard.press('Control+z');
    else if (editor === 'quill') {
        const [name, value] = [['bold', true], ['bold', false], ['italic', true], ['header', 2]][
            below(4)
        ];
        await person.does('format', at, Math.min(5, text.length + 1 - at), name, value);
    } else await person.type(at, '\u0301');
}

for (const editor of EDITORS) {
    test(`${editor}: two people type through cuts, and both editors show the same`, async () => {
        const people = await both(editor, 'random');
        const below = numbersOf(SEED);
        for (let step = 0; step < STEPS; step++) {
            await act(people[below(2)], editor, below);
            if (below(12) === 0) front.drop(people[below(2)].tab);
            if (below(25) === 0) front.cut(people[below(2)].tab);
            if (below(8) === 0) people.forEach(({ tab }) => front.mend(tab));
        }
        people.forEach(({ tab }) => front.mend(tab));
        const text = await converged(people);
        assert.notEqual(text, '');
        if (editor === 'quill')
            for (const person of people)
                assert.equal(await person.does('formats'), await person.does('formatsShown'));
        await people[0].page.screenshot({ path: `${OUTPUT}editor-${editor}.png` });
        for (const person of people) await person.leave();
    });

    test(`${editor}: undo takes back only ones own, by the keyboard`, async () => {
        const people = await both(editor, 'undo');
        const [one, other] = people;
        await one.type(0, 'mine ');
        await other.reads('mine ');
        await other.type(5, 'yours');
        await one.reads('mine yours');
        await one.page.keyboard.press('Control+z');
        for (const person of people) await person.reads('yours');
        await one.page.keyboard.press('Control+z');
        for (const person of people) await person.reads('yours');
        await one.page.keyboard.press('Control+Shift+Z');
        for (const person of people) await person.reads('mine yours');
        assert.equal(await converged(people), 'mine yours');
        for (const person of people) await person.leave();
    });

    test(`${editor}: undo after somebody deleted what it would take back`, async () => {
        const people = await both(editor, 'deleted');
        const [one, other] = people;
        await one.type(0, 'gone and kept');
        await other.reads('gone and kept');
        await other.does('select', 0, 9);
        await other.page.keyboard.press('Delete');
        await one.reads('kept');
        await one.page.keyboard.press('Control+z');
        for (const person of people) await person.reads('');
        await other.page.keyboard.press('Control+z');
        assert.equal(await converged(people), 'gone and ');
        for (const person of people) await person.leave();
    });

    test(`${editor}: a selection stays at its word while others type before it`, async () => {
        const people = await both(editor, 'word');
        const [one, other] = people;
        await one.type(0, '😀 before word after');
        await other.reads('😀 before word after');
        await one.does('select', 10, 14);
        await other.type(0, '👩‍👩‍👧 new ');
        await other.type(15, '!');
        await converged(people);
        assert.equal(await one.does('selected'), 'word');
        for (const person of people) await person.leave();
    });

    test(`${editor}: a word is composed while others type, and both are kept`, async () => {
        const people = await both(editor, 'ime');
        const [one, other] = people;
        await one.type(0, 'ab');
        await other.reads('ab');
        await one.does('select', 1, 1);
        const ime = await one.page.context().newCDPSession(one.page);
        const compose = (text) =>
            ime.send('Input.imeSetComposition', { text, selectionStart: 1, selectionEnd: 1 });
        await compose('か');
        await other.type(0, '😀');
        await until(one.page, () => JSON.stringify(globalThis.seen.doc.data).includes('😀'));
        await compose('感');
        await other.type((await other.does('text')).length, '!');
        await ime.send('Input.insertText', { text: '感' });
        assert.equal(await converged(people), '😀a感b!');
        await one.page.keyboard.insertText('|');
        assert.equal(await converged(people), '😀a感|b!');
        for (const person of people) await person.leave();
    });

    test(`${editor}: an emoji is typed and deleted as one`, async () => {
        const people = await both(editor, 'emoji');
        const [one] = people;
        await one.type(0, '😀😁');
        await one.type(2, '😂');
        await one.page.keyboard.press('Backspace');
        assert.equal(await converged(people), '😀😁');
        for (const person of people) await person.leave();
    });

    test(`${editor}: 100 KB are pasted`, async () => {
        const people = await both(editor, 'paste');
        const [one, other] = people;
        await one.type(0, '[]');
        await other.reads('[]');
        const pasted = 'All together now, as loud as you can. 😀 \n'.repeat(2440);
        await one.page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
        await one.does('select', 1, 1);
        await one.page.keyboard.press('Control+v');
        await other.type(0, '> ');
        const text = await converged(people);
        assert.equal(text, `> [${pasted}]`);
        for (const person of people) await person.leave();
    });
}

for (const editor of ['codemirror', 'quill'])
    test(`${editor}: the cursor of somebody else stays at their word`, async () => {
        const people = await both(editor, 'cursor');
        const [one, other] = people;
        await one.tell('Anna');
        await one.type(0, '😀 before word after');
        await other.reads('😀 before word after');
        await one.does('select', 10, 14);
        const isAt = (place) =>
            until(
                other.page,
                (at) => {
                    const caret = document.querySelector('.tutti-caret');
                    const wanted = globalThis.seen.editor.left(at);
                    return Math.abs((caret?.getBoundingClientRect().left ?? -99) - wanted) < 3;
                },
                place,
            );
        await isAt(14);
        await other.type(0, 'new ');
        await isAt(18);
        assert.equal(await other.page.locator('.tutti-selection').count(), 1);
        await other.type(20, 'x');
        await isAt(18);
        const label = await other.page.locator('.tutti-name').evaluate((name) => {
            return name.dataset.name ?? name.textContent;
        });
        assert.equal(label, 'Anna');
        await other.page.screenshot({ path: `${OUTPUT}editor-${editor}-cursor.png` });
        await one.leave();
        await until(other.page, () => document.querySelector('.tutti-caret') === null);
        await other.leave();
    });

test('codemirror: half a character that a program inserts is shown as what all have', async () => {
    const people = await both('codemirror', 'half');
    const [one] = people;
    await one.type(0, 'a😀b');
    await one.does('insert', 0, '\ud83d');
    await one.does('insert', 3, 'x');
    await converged(people);
    for (const person of people) await person.leave();
});

test('codemirror: a selection of half a character is one of all of it', async () => {
    const people = await both('codemirror', 'within');
    const [one, other] = people;
    await one.type(0, 'a😀b');
    await other.reads('a😀b');
    await one.does('select', 2, 2);
    await other.type(4, '!');
    await one.reads('a😀b!');
    await one.type(5, '?');
    assert.equal(await converged(people), 'a😀b!?');
    for (const person of people) await person.leave();
});
