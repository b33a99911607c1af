/**
 * Ctrl or ⌘ with Z takes back one's own last edit of the document, with Shift or with Y it is done
 * again. The browser's own undo would take back what others wrote.
 *
 * @param {HTMLElement} where
 * @param {import('../src/document.js').Document<any>} doc
 */
export function undoKeys(where, doc) {
    where.addEventListener('keydown', (event) => {
        if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
        const key = event.key.toLowerCase();
        if (key !== 'z' && key !== 'y') return;
        event.preventDefault();
        if (key === 'y' || event.shiftKey) doc.undo.redo();
        else doc.undo.undo();
    });
}
