/** What other trainers do to rows without a word, said before they do it. */
package dev.whetstone.datasets.preflight;
