/**
 * The board's database: SQLite through Jdbi, migrated by Flyway. Entries are added, never changed.
 */
package dev.whetstone.leaderboard.store;
