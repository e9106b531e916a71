// Declarations of the operations, one group per operations_*.cc; see binding.ts for each.
#pragma once

#include "core/operations.h"

namespace ocirt::op {

#define OCIRT_DECLARE(name) Result<Value> name(const Args& args);

// Files (operations_files.cc, operations_attributes.cc, operations_io.cc)
OCIRT_DECLARE(readFiles)
OCIRT_DECLARE(writeFiles)
OCIRT_DECLARE(replaceFile)
OCIRT_DECLARE(status)
OCIRT_DECLARE(readDirectory)
OCIRT_DECLARE(readLink)
OCIRT_DECLARE(realPath)
OCIRT_DECLARE(makeDirectory)
OCIRT_DECLARE(removeDirectory)
OCIRT_DECLARE(removeFile)
OCIRT_DECLARE(removeTree)
OCIRT_DECLARE(rename)
OCIRT_DECLARE(changeOwner)
OCIRT_DECLARE(makeNode)
OCIRT_DECLARE(setFileTime)
OCIRT_DECLARE(setExtendedAttribute)
OCIRT_DECLARE(open)
OCIRT_DECLARE(close)
OCIRT_DECLARE(read)
OCIRT_DECLARE(write)
OCIRT_DECLARE(lock)
OCIRT_DECLARE(decodeText)
OCIRT_DECLARE(isTerminal)
OCIRT_DECLARE(cloneTrees)

// Waiting for descriptors (operations_await.cc)
OCIRT_DECLARE(eventDescriptor)
OCIRT_DECLARE(awaitDescriptors)

// Mounts and user namespaces (operations_mounts.cc)
OCIRT_DECLARE(userNamespace)
OCIRT_DECLARE(mapTree)

// Network devices (operations_network.cc)
OCIRT_DECLARE(networkLinks)
OCIRT_DECLARE(networkAddresses)
OCIRT_DECLARE(moveNetworkLink)
OCIRT_DECLARE(addNetworkAddress)
OCIRT_DECLARE(raiseNetworkLink)

// The process and its host (operations_host.cc)
OCIRT_DECLARE(identity)
OCIRT_DECLARE(environment)
OCIRT_DECLARE(workingDirectory)
OCIRT_DECLARE(clock)
OCIRT_DECLARE(system)
OCIRT_DECLARE(installDirectory)
OCIRT_DECLARE(setSubreaper)
OCIRT_DECLARE(exit)

// Processes (operations_process.cc)
OCIRT_DECLARE(spawn)
OCIRT_DECLARE(runProgram)
OCIRT_DECLARE(kill)
OCIRT_DECLARE(openPidfd)
OCIRT_DECLARE(foreignNamespaces)
OCIRT_DECLARE(signalPidfd)
OCIRT_DECLARE(awaitPidfd)
OCIRT_DECLARE(waitChild)
OCIRT_DECLARE(awaitExit)
OCIRT_DECLARE(setLimits)
OCIRT_DECLARE(killAll)
OCIRT_DECLARE(sleep)

// Channels, sockets and terminals (operations_channel.cc)
OCIRT_DECLARE(channelSend)
OCIRT_DECLARE(channelReceive)
OCIRT_DECLARE(listenUnix)
OCIRT_DECLARE(connectUnix)
OCIRT_DECLARE(socketPair)
OCIRT_DECLARE(receiveFd)
OCIRT_DECLARE(sendFd)
OCIRT_DECLARE(sendBytes)
OCIRT_DECLARE(sendDatagram)
OCIRT_DECLARE(listenDatagrams)
OCIRT_DECLARE(receiveBytes)
OCIRT_DECLARE(packetPair)
OCIRT_DECLARE(receivePacket)
OCIRT_DECLARE(windowSize)
OCIRT_DECLARE(setWindowSize)
OCIRT_DECLARE(superviseForeground)
OCIRT_DECLARE(blockSignals)

// A terminal of the caller's own (operations_terminal.cc)
OCIRT_DECLARE(signalDescriptor)
OCIRT_DECLARE(terminalKeys)
OCIRT_DECLARE(restoreTerminal)

// Kernel features (operations_kernel.cc)
OCIRT_DECLARE(buildSeccomp)
OCIRT_DECLARE(seccompVersion)
OCIRT_DECLARE(seccompSupport)
OCIRT_DECLARE(systemCalls)
OCIRT_DECLARE(attachDeviceProgram)
OCIRT_DECLARE(stepNames)

#undef OCIRT_DECLARE

}  // namespace ocirt::op
