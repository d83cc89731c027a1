/**
 * The board over HTTP: pages from memory, results by post. The only package that knows Javalin and
 * Jetty.
 */
package dev.whetstone.leaderboard.web;
