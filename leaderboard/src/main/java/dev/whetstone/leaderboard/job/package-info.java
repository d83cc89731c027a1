/** Scheduled evaluations as values: what is evaluated when, and what came of it. */
package dev.whetstone.leaderboard.job;
