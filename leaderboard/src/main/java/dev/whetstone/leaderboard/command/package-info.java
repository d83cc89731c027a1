/** The commands of this room. */
package dev.whetstone.leaderboard.command;
