/**
 * Runs the jobs of a board when they are due, each as a process of its own. The only package that
 * knows db-scheduler.
 */
package dev.whetstone.leaderboard.schedule;
