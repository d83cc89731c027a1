/** What stands on the board: one evaluation's result as records that never change. */
package dev.whetstone.leaderboard.entry;
