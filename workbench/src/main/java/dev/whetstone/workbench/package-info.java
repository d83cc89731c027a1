/**
 * Runs whole stories: a recipe's sections in order, and the quickstart; and packs Whetstone. Each
 * step is a process that the launcher starts, so that each room has a JVM of its own; here are only
 * their order, what need not be done again, and the words to whoever waits.
 */
package dev.whetstone.workbench;
