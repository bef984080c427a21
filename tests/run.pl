#!/usr/bin/env perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs groups of TAP programs and prints one total as the last line, "N passed, N failed".
#
#   run.pl [--jobs N] [--timeout SECONDS] NAME [VARIABLE=VALUE]... : PROGRAM... [-- NAME ...]
#
# Every program runs under timeout(1). One that dies, or breaks its plan, without a failed test
# counts as one failure, and so does a bail-out, which ends its group. Exit status: 0 if something
# ran and nothing failed.
use strict;
use warnings;
use Getopt::Long qw(:config require_order);
use TAP::Harness;
use TAP::Parser::Aggregator;

my ($jobs, $timeout) = (1, 300);
GetOptions('jobs=i' => \$jobs, 'timeout=i' => \$timeout) or exit 2;

# Splits "a b -- c d --" into ([a, b], [c, d]).
sub groups
{
	my @groups = ([]);
	for (@_) {
		if ($_ eq '--') { push @groups, [] }
		else { push @{$groups[-1]}, $_ }
	}
	return grep { @$_ } @groups;
}

# Runs one group and returns (passed, failed).
sub run_group
{
	my ($name, @words) = @_;
	my @tests;
	local %ENV = %ENV;

	while (@words and (my $word = shift @words) ne ':') {
		my ($key, $value) = split /=/, $word, 2;
		$ENV{$key} = $value;
	}
	@tests = @words or return (0, 0);
	print "== $name\n";
	my $harness = TAP::Harness->new({
		exec => ['timeout', '-k', '10', $timeout],
		jobs => $jobs,
		color => -t STDOUT ? 1 : 0,
		failures => 1,
	});
	my $all = TAP::Parser::Aggregator->new;
	$all->start;
	# A test that bails out ends its group and makes the harness die.
	my $complete = eval { $harness->aggregate_tests($all, @tests); 1 };
	my $why = $@;
	$all->stop;
	$harness->summary($all);
	print $why unless $complete;
	my $failed = $all->failed + ($complete ? 0 : 1);
	for my $parser (map { $all->parsers($_) } $all->descriptions) {
		print "skipped: ", $parser->skip_all, "\n" if $parser->skip_all;
		$failed++ if $parser->has_problems and not $parser->failed;
	}
	return (scalar($all->passed), $failed);
}

my ($passed, $failed) = (0, 0);
for my $group (groups(@ARGV)) {
	my ($p, $f) = run_group(@$group);
	$passed += $p;
	$failed += $f;
}
print "$passed passed, $failed failed\n";
exit($failed || !$passed ? 1 : 0);
