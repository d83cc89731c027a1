/** Whether a difference on the board is real: paired on documents, plain functions on entries. */
package dev.whetstone.leaderboard.verdict;
