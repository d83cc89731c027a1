/** The run as a page. */
package dev.whetstone.training.report;
