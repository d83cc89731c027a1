/** The leaderboard: a store of results, paired verdicts, and pages. */
package dev.whetstone.leaderboard;
