/* What an application in TypeScript sees of the package: its declarations alone. */
import { connect, indexedDbStorage, type TuttiError } from 'tutti-client';
import { realtimeCounter, Runtime } from 'tutti-client/kit';
import { text } from 'tutti-client/types/text';

const client = connect('ws://127.0.0.1:7400/', { storage: indexedDbStorage('notes') });

export async function use(): Promise<void> {
    const notes = await client.open('notes/42', { type: 'text', create: true });
    const words: string = notes.data;
    const { seq } = await notes.change((draft) => draft.insert(0, words));
    notes.on('change', ({ operations, local }) => console.log(operations.length, local, seq));
    notes.on('closed', (error: TuttiError) => console.log(error.code, error.class));
    notes.type.pointsOf(text.create());
    const { runs } = await notes.history.blame({ from: seq });
    console.log(runs[0].points, runs[0].who ?? 'nobody who is known');
    // @ts-expect-error a text has no elements to set
    await notes.change((draft) => draft.set(['a'], 1));

    const votes = await client.open('notes/votes', { type: 'counter' });
    const sum: number = votes.data + 1;
    // @ts-expect-error a counter's operation is a number
    await votes.submit('one more');

    const canvas = await client.open('notes/canvas', { type: 'tree', create: true });
    let id = '';
    await canvas.change((draft) => (id = draft.create({ properties: { x: sum } })));
    console.log(canvas.data[id].place[1], canvas.presence.others.size, canvas.undo.canUndo);

    const anything = await client.open('notes/other');
    console.log(anything.data.whatever);

    const runtime = new Runtime();
    await runtime.install(realtimeCounter({ client }));
}
