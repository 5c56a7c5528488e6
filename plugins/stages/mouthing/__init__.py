"""The mouth that follows a voice: what the command `duanju lipsync` needs."""
