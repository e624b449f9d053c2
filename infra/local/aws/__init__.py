"""AWS on this machine: the emulator that tests run the AWS home against."""
