/** When two rows are the same, or nearly the same: functions on texts and hashes. */
package dev.whetstone.datasets.dedup;
