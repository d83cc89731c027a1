/** Result folders, ours and lm-evaluation-harness', read into board entries. */
package dev.whetstone.leaderboard.intake;
