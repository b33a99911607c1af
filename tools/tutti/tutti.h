/* tutti - the subcommands of the tool. Each gets its own name as argv[0] and returns the exit
 * status of the process. */
#ifndef TOOLS_TUTTI_TUTTI_H
#define TOOLS_TUTTI_TUTTI_H

/* Where a server of ours listens unless it is told otherwise. */
#define TUTTI_URL "ws://127.0.0.1:7400/"

/* A filter that applies, transforms and composes operations: one question a line. */
int tutti_ot(int argc, char **argv);

/* sharedb [FILE] --store STORE: what another server has stored becomes a store of ours. */
int tutti_import(int argc, char **argv);

/* check STORE: is everything in the store of a stopped server, or of a cluster, as it has to be?
 * migrate URL: make or change the tables of a cluster. */
int tutti_store(int argc, char **argv);

/* FILE: run a capture again and compare. --store STORE: derive what is stored again and compare. */
int tutti_replay(int argc, char **argv);

/* --store STORE DOCUMENT SEQ: how did this operation come to be what it is? */
int tutti_explain(int argc, char **argv);

/* --store STORE DOCUMENT: from which operation on is something true? */
int tutti_bisect(int argc, char **argv);

/* FILE | --store STORE DOCUMENT: the smallest order of edits after which somebody differs. */
int tutti_reduce(int argc, char **argv);

/* FILE --swap A,B: what another order would have made. */
int tutti_what_if(int argc, char **argv);

/* Put load on a running server and measure. */
int tutti_bench(int argc, char **argv);

/* Type a recording into a running server and compare the texts in the end. */
int tutti_trace(int argc, char **argv);

#endif
