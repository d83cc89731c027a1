/**
 * The board as a static site. {@link dev.whetstone.leaderboard.page.PublishBoard} lists the steps;
 * views are records of ready text, templates only lay them out and escape everything.
 */
package dev.whetstone.leaderboard.page;
