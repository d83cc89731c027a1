/** A prepared dataset in the forms that other trainers read. */
package dev.whetstone.datasets.export;
