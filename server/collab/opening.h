/* opening - answers `open`: a snapshot, or the promise of the operations after `from`. */
#ifndef SERVER_COLLAB_OPENING_H
#define SERVER_COLLAB_OPENING_H

struct document;

/* Answer every reader in OPENING that can be answered: its session's row is there, the document is
 * owned. The answer is made at the tentative head and sent once that is durable. */
void opening_answer_all(struct document *document);

#endif
