/* The bindings as an application in TypeScript sees them. */
import type { Extension } from '@codemirror/state';
import type Quill from 'quill';
import { connect } from 'tutti-client';
import { codeMirrorBinding } from 'tutti-client/bindings/codemirror';
import { QuillBinding } from 'tutti-client/bindings/quill';
import { useDocument, useOthers, useUndo } from 'tutti-client/bindings/react';
import { TextareaBinding } from 'tutti-client/bindings/textarea';

const client = connect('ws://127.0.0.1:7400/');

export function useVotes(): number {
    const { document, data, error } = useDocument(client, 'notes/votes', { type: 'counter' });
    const { undo, canUndo } = useUndo(document);
    if (error !== null && canUndo) undo();
    return (data ?? 0) + useOthers(document).size;
}

export async function bind(area: HTMLTextAreaElement, quill: Quill): Promise<Extension> {
    const notes = await client.open('notes/42', { type: 'text' });
    const page = await client.open('notes/43', { type: 'rich' });
    new TextareaBinding(area, notes).close();
    new QuillBinding(quill, page).close();
    // @ts-expect-error a textarea is no document
    new QuillBinding(quill, area);
    return codeMirrorBinding(notes);
}
