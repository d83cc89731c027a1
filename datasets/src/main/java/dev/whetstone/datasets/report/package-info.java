/** The page that shows what became of every row. */
package dev.whetstone.datasets.report;
