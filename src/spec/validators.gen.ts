// Made by scripts/generate.mjs from schemas/. Do not edit.
// biome-ignore-all lint: generated
// @ts-nocheck
import type { Validator } from './validator.js';

export const validateConfig: Validator = validate1 as any;

function validate3(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.height === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "height"}});
errors++;
}
if(data.width === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "width"}});
errors++;
}
if(data.height !== undefined){
let data0 = data.height;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/height",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
if(data.width !== undefined){
let data1 = data.width;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/width",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "height" && key0 !== "width"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["height", "width"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate3.errors = vErrors;
return errors === 0;
}


function validate6(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(Number.isInteger(data) && data >= 0 && data <= 4294967294)){
vErrors = add(vErrors, {instancePath, keyword:"int",params:{width: "0,4294967294"}});
errors++;
}
validate6.errors = vErrors;
return errors === 0;
}

function validate5(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.uid === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "uid"}});
errors++;
}
if(data.gid === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "gid"}});
errors++;
}
if(data.uid !== undefined){
if(!(validate6(data.uid, instancePath+"/uid"))){
vErrors = join(vErrors, validate6.errors);
errors = vErrors.length;
}
}
if(data.gid !== undefined){
if(!(validate6(data.gid, instancePath+"/gid"))){
vErrors = join(vErrors, validate6.errors);
errors = vErrors.length;
}
}
if(data.umask !== undefined){
let data2 = data.umask;
if(!(Number.isInteger(data2) && data2 >= 0 && data2 <= 511)){
vErrors = add(vErrors, {instancePath:instancePath+"/umask",keyword:"int",params:{width: "0,511"}});
errors++;
}
}
if(data.additionalGids !== undefined){
let data3 = data.additionalGids;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(!(validate6(data3[i0], instancePath+"/additionalGids/" + i0))){
vErrors = join(vErrors, validate6.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/additionalGids",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.username !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/username",keyword:"unsupported",params:{what: "windows"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "uid" && key0 !== "gid" && key0 !== "umask" && key0 !== "additionalGids" && key0 !== "username"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["uid", "gid", "umask", "additionalGids", "username"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate5.errors = vErrors;
return errors === 0;
}


function validate13(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(typeof data === "string"){
if(!(data === "CAP_CHOWN" || data === "CAP_DAC_OVERRIDE" || data === "CAP_DAC_READ_SEARCH" || data === "CAP_FOWNER" || data === "CAP_FSETID" || data === "CAP_KILL" || data === "CAP_SETGID" || data === "CAP_SETUID" || data === "CAP_SETPCAP" || data === "CAP_LINUX_IMMUTABLE" || data === "CAP_NET_BIND_SERVICE" || data === "CAP_NET_BROADCAST" || data === "CAP_NET_ADMIN" || data === "CAP_NET_RAW" || data === "CAP_IPC_LOCK" || data === "CAP_IPC_OWNER" || data === "CAP_SYS_MODULE" || data === "CAP_SYS_RAWIO" || data === "CAP_SYS_CHROOT" || data === "CAP_SYS_PTRACE" || data === "CAP_SYS_PACCT" || data === "CAP_SYS_ADMIN" || data === "CAP_SYS_BOOT" || data === "CAP_SYS_NICE" || data === "CAP_SYS_RESOURCE" || data === "CAP_SYS_TIME" || data === "CAP_SYS_TTY_CONFIG" || data === "CAP_MKNOD" || data === "CAP_LEASE" || data === "CAP_AUDIT_WRITE" || data === "CAP_AUDIT_CONTROL" || data === "CAP_SETFCAP" || data === "CAP_MAC_OVERRIDE" || data === "CAP_MAC_ADMIN" || data === "CAP_SYSLOG" || data === "CAP_WAKE_ALARM" || data === "CAP_BLOCK_SUSPEND" || data === "CAP_AUDIT_READ" || data === "CAP_PERFMON" || data === "CAP_BPF" || data === "CAP_CHECKPOINT_RESTORE")){
vErrors = add(vErrors, {instancePath, keyword:"known",params:{known: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"]}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "string"}});
errors++;
}
validate13.errors = vErrors;
return errors === 0;
}

function validate12(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate13(data[i0], instancePath+"/" + i0))){
vErrors = join(vErrors, validate13.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate12.errors = vErrors;
return errors === 0;
}

function validate11(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.bounding !== undefined){
if(!(validate12(data.bounding, instancePath+"/bounding"))){
vErrors = join(vErrors, validate12.errors);
errors = vErrors.length;
}
}
if(data.effective !== undefined){
if(!(validate12(data.effective, instancePath+"/effective"))){
vErrors = join(vErrors, validate12.errors);
errors = vErrors.length;
}
}
if(data.inheritable !== undefined){
if(!(validate12(data.inheritable, instancePath+"/inheritable"))){
vErrors = join(vErrors, validate12.errors);
errors = vErrors.length;
}
}
if(data.permitted !== undefined){
if(!(validate12(data.permitted, instancePath+"/permitted"))){
vErrors = join(vErrors, validate12.errors);
errors = vErrors.length;
}
}
if(data.ambient !== undefined){
if(!(validate12(data.ambient, instancePath+"/ambient"))){
vErrors = join(vErrors, validate12.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "bounding" && key0 !== "effective" && key0 !== "inheritable" && key0 !== "permitted" && key0 !== "ambient"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["bounding", "effective", "inheritable", "permitted", "ambient"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate11.errors = vErrors;
return errors === 0;
}


function validate22(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "RLIMIT_CPU" || data === "RLIMIT_FSIZE" || data === "RLIMIT_DATA" || data === "RLIMIT_STACK" || data === "RLIMIT_CORE" || data === "RLIMIT_RSS" || data === "RLIMIT_NPROC" || data === "RLIMIT_NOFILE" || data === "RLIMIT_MEMLOCK" || data === "RLIMIT_AS" || data === "RLIMIT_LOCKS" || data === "RLIMIT_SIGPENDING" || data === "RLIMIT_MSGQUEUE" || data === "RLIMIT_NICE" || data === "RLIMIT_RTPRIO" || data === "RLIMIT_RTTIME")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME"]}});
errors++;
}
validate22.errors = vErrors;
return errors === 0;
}

function validate21(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "type"}});
errors++;
}
if(data.soft === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "soft"}});
errors++;
}
if(data.hard === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "hard"}});
errors++;
}
if(data.type !== undefined){
if(!(validate22(data.type, instancePath+"/type"))){
vErrors = join(vErrors, validate22.errors);
errors = vErrors.length;
}
}
if(data.soft !== undefined){
let data1 = data.soft;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) && data1 >= 0 : typeof data1 == "bigint" && data1 >= 0n && data1 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/soft",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.hard !== undefined){
let data2 = data.hard;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) && data2 >= 0 : typeof data2 == "bigint" && data2 >= 0n && data2 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/hard",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "type" && key0 !== "soft" && key0 !== "hard"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["type", "soft", "hard"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate21.errors = vErrors;
return errors === 0;
}


function validate26(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SCHED_OTHER" || data === "SCHED_FIFO" || data === "SCHED_RR" || data === "SCHED_BATCH" || data === "SCHED_ISO" || data === "SCHED_IDLE" || data === "SCHED_DEADLINE")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"]}});
errors++;
}
validate26.errors = vErrors;
return errors === 0;
}


function validate28(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SCHED_FLAG_RESET_ON_FORK" || data === "SCHED_FLAG_RECLAIM" || data === "SCHED_FLAG_DL_OVERRUN" || data === "SCHED_FLAG_KEEP_POLICY" || data === "SCHED_FLAG_KEEP_PARAMS" || data === "SCHED_FLAG_UTIL_CLAMP_MIN" || data === "SCHED_FLAG_UTIL_CLAMP_MAX")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX"]}});
errors++;
}
validate28.errors = vErrors;
return errors === 0;
}

function validate25(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.policy === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "policy"}});
errors++;
}
if(data.policy !== undefined){
if(!(validate26(data.policy, instancePath+"/policy"))){
vErrors = join(vErrors, validate26.errors);
errors = vErrors.length;
}
}
if(data.nice !== undefined){
let data1 = data.nice;
if(!(Number.isInteger(data1) && data1 >= -2147483648 && data1 <= 2147483647)){
vErrors = add(vErrors, {instancePath:instancePath+"/nice",keyword:"int",params:{width: "int32"}});
errors++;
}
}
if(data.priority !== undefined){
let data2 = data.priority;
if(!(Number.isInteger(data2) && data2 >= -2147483648 && data2 <= 2147483647)){
vErrors = add(vErrors, {instancePath:instancePath+"/priority",keyword:"int",params:{width: "int32"}});
errors++;
}
}
if(data.flags !== undefined){
let data3 = data.flags;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(!(validate28(data3[i0], instancePath+"/flags/" + i0))){
vErrors = join(vErrors, validate28.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/flags",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.runtime !== undefined){
let data5 = data.runtime;
if(!(typeof data5 == "number" ? Number.isSafeInteger(data5) && data5 >= 0 : typeof data5 == "bigint" && data5 >= 0n && data5 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/runtime",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.deadline !== undefined){
let data6 = data.deadline;
if(!(typeof data6 == "number" ? Number.isSafeInteger(data6) && data6 >= 0 : typeof data6 == "bigint" && data6 >= 0n && data6 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/deadline",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.period !== undefined){
let data7 = data.period;
if(!(typeof data7 == "number" ? Number.isSafeInteger(data7) && data7 >= 0 : typeof data7 == "bigint" && data7 >= 0n && data7 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/period",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "policy" && key0 !== "nice" && key0 !== "priority" && key0 !== "flags" && key0 !== "runtime" && key0 !== "deadline" && key0 !== "period"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["policy", "nice", "priority", "flags", "runtime", "deadline", "period"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate25.errors = vErrors;
return errors === 0;
}


function validate32(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "IOPRIO_CLASS_RT" || data === "IOPRIO_CLASS_BE" || data === "IOPRIO_CLASS_IDLE")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]}});
errors++;
}
validate32.errors = vErrors;
return errors === 0;
}

function validate31(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.class === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "class"}});
errors++;
}
if(data.priority === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "priority"}});
errors++;
}
if(data.class !== undefined){
if(!(validate32(data.class, instancePath+"/class"))){
vErrors = join(vErrors, validate32.errors);
errors = vErrors.length;
}
}
if(data.priority !== undefined){
let data1 = data.priority;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 7)){
vErrors = add(vErrors, {instancePath:instancePath+"/priority",keyword:"int",params:{width: "0,7"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "class" && key0 !== "priority"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["class", "priority"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate31.errors = vErrors;
return errors === 0;
}


function validate35(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.initial !== undefined){
if(typeof data.initial !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/initial",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.final !== undefined){
if(typeof data.final !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/final",keyword:"type",params:{type: "string"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "initial" && key0 !== "final"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["initial", "final"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate35.errors = vErrors;
return errors === 0;
}

function validate2(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.cwd === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "cwd"}});
errors++;
}
if(data.terminal !== undefined){
if(typeof data.terminal !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/terminal",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.consoleSize !== undefined){
if(!(validate3(data.consoleSize, instancePath+"/consoleSize"))){
vErrors = join(vErrors, validate3.errors);
errors = vErrors.length;
}
}
if(data.user !== undefined){
if(!(validate5(data.user, instancePath+"/user"))){
vErrors = join(vErrors, validate5.errors);
errors = vErrors.length;
}
}
if(data.args !== undefined){
let data3 = data.args;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(typeof data3[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/args/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/args",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.commandLine !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/commandLine",keyword:"unsupported",params:{what: "windows"}});
errors++;
}
}
if(data.env !== undefined){
let data6 = data.env;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(typeof data6[i1] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/env/" + i1,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/env",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.cwd !== undefined){
let data8 = data.cwd;
if(typeof data8 === "string"){
if(data8.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/cwd",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/cwd",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.capabilities !== undefined){
if(!(validate11(data.capabilities, instancePath+"/capabilities"))){
vErrors = join(vErrors, validate11.errors);
errors = vErrors.length;
}
}
if(data.rlimits !== undefined){
let data10 = data.rlimits;
if(Array.isArray(data10)){
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
if(!(validate21(data10[i2], instancePath+"/rlimits/" + i2))){
vErrors = join(vErrors, validate21.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/rlimits",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.noNewPrivileges !== undefined){
if(typeof data.noNewPrivileges !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/noNewPrivileges",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.apparmorProfile !== undefined){
if(typeof data.apparmorProfile !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/apparmorProfile",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.oomScoreAdj !== undefined){
let data14 = data.oomScoreAdj;
if(!(Number.isInteger(data14) && data14 >= -1000 && data14 <= 1000)){
vErrors = add(vErrors, {instancePath:instancePath+"/oomScoreAdj",keyword:"int",params:{width: "-1000,1000"}});
errors++;
}
}
if(data.scheduler !== undefined){
if(!(validate25(data.scheduler, instancePath+"/scheduler"))){
vErrors = join(vErrors, validate25.errors);
errors = vErrors.length;
}
}
if(data.selinuxLabel !== undefined){
if(typeof data.selinuxLabel !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/selinuxLabel",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.ioPriority !== undefined){
if(!(validate31(data.ioPriority, instancePath+"/ioPriority"))){
vErrors = join(vErrors, validate31.errors);
errors = vErrors.length;
}
}
if(data.execCPUAffinity !== undefined){
if(!(validate35(data.execCPUAffinity, instancePath+"/execCPUAffinity"))){
vErrors = join(vErrors, validate35.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "terminal" && key0 !== "consoleSize" && key0 !== "user" && key0 !== "args" && key0 !== "commandLine" && key0 !== "env" && key0 !== "cwd" && key0 !== "capabilities" && key0 !== "rlimits" && key0 !== "noNewPrivileges" && key0 !== "apparmorProfile" && key0 !== "oomScoreAdj" && key0 !== "scheduler" && key0 !== "selinuxLabel" && key0 !== "ioPriority" && key0 !== "execCPUAffinity"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["terminal", "consoleSize", "user", "args", "commandLine", "env", "cwd", "capabilities", "rlimits", "noNewPrivileges", "apparmorProfile", "oomScoreAdj", "scheduler", "selinuxLabel", "ioPriority", "execCPUAffinity"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate2.errors = vErrors;
return errors === 0;
}


function validate38(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.path === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "path"}});
errors++;
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.readonly !== undefined){
if(typeof data.readonly !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/readonly",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "path" && key0 !== "readonly"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["path", "readonly"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate38.errors = vErrors;
return errors === 0;
}


function validate42(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.containerID === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "containerID"}});
errors++;
}
if(data.hostID === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "hostID"}});
errors++;
}
if(data.size === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "size"}});
errors++;
}
if(data.containerID !== undefined){
let data0 = data.containerID;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/containerID",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.hostID !== undefined){
let data1 = data.hostID;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/hostID",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.size !== undefined){
let data2 = data.size;
if(!(Number.isInteger(data2) && data2 >= 1 && data2 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/size",keyword:"int",params:{width: "1,4294967295"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "containerID" && key0 !== "hostID" && key0 !== "size"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["containerID", "hostID", "size"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate42.errors = vErrors;
return errors === 0;
}

function validate41(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate42(data[i0], instancePath+"/" + i0))){
vErrors = join(vErrors, validate42.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate41.errors = vErrors;
return errors === 0;
}

function validate40(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.destination === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "destination"}});
errors++;
}
if(data.destination !== undefined){
let data0 = data.destination;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/destination",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/destination",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.type !== undefined){
if(typeof data.type !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/type",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.source !== undefined){
if(typeof data.source !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/source",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.options !== undefined){
let data3 = data.options;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(typeof data3[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/options/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/options",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.uidMappings !== undefined){
if(!(validate41(data.uidMappings, instancePath+"/uidMappings"))){
vErrors = join(vErrors, validate41.errors);
errors = vErrors.length;
}
}
if(data.gidMappings !== undefined){
if(!(validate41(data.gidMappings, instancePath+"/gidMappings"))){
vErrors = join(vErrors, validate41.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "destination" && key0 !== "type" && key0 !== "source" && key0 !== "options" && key0 !== "uidMappings" && key0 !== "gidMappings"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["destination", "type", "source", "options", "uidMappings", "gidMappings"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate40.errors = vErrors;
return errors === 0;
}


function validate50(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(typeof data[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate50.errors = vErrors;
return errors === 0;
}

function validate49(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.path === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "path"}});
errors++;
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.args !== undefined){
if(!(validate50(data.args, instancePath+"/args"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
if(data.env !== undefined){
if(!(validate50(data.env, instancePath+"/env"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
if(data.timeout !== undefined){
let data3 = data.timeout;
if(!(Number.isInteger(data3) && data3 >= 1 && data3 <= 2147483647)){
vErrors = add(vErrors, {instancePath:instancePath+"/timeout",keyword:"int",params:{width: "1,2147483647"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "path" && key0 !== "args" && key0 !== "env" && key0 !== "timeout"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["path", "args", "env", "timeout"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate49.errors = vErrors;
return errors === 0;
}

function validate48(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate49(data[i0], instancePath+"/" + i0))){
vErrors = join(vErrors, validate49.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate48.errors = vErrors;
return errors === 0;
}

function validate47(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.prestart !== undefined){
if(!(validate48(data.prestart, instancePath+"/prestart"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
if(data.createRuntime !== undefined){
if(!(validate48(data.createRuntime, instancePath+"/createRuntime"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
if(data.createContainer !== undefined){
if(!(validate48(data.createContainer, instancePath+"/createContainer"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
if(data.startContainer !== undefined){
if(!(validate48(data.startContainer, instancePath+"/startContainer"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
if(data.poststart !== undefined){
if(!(validate48(data.poststart, instancePath+"/poststart"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
if(data.poststop !== undefined){
if(!(validate48(data.poststop, instancePath+"/poststop"))){
vErrors = join(vErrors, validate48.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "prestart" && key0 !== "createRuntime" && key0 !== "createContainer" && key0 !== "startContainer" && key0 !== "poststart" && key0 !== "poststop"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate47.errors = vErrors;
return errors === 0;
}


function validate61(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(typeof data[key0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate61.errors = vErrors;
return errors === 0;
}


function validate65(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "pid" || data === "network" || data === "mount" || data === "ipc" || data === "uts" || data === "user" || data === "cgroup" || data === "time")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"]}});
errors++;
}
validate65.errors = vErrors;
return errors === 0;
}

function validate64(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "type"}});
errors++;
}
if(data.type !== undefined){
if(!(validate65(data.type, instancePath+"/type"))){
vErrors = join(vErrors, validate65.errors);
errors = vErrors.length;
}
}
if(data.path !== undefined){
if(typeof data.path !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"type",params:{type: "string"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "type" && key0 !== "path"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["type", "path"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate64.errors = vErrors;
return errors === 0;
}


function validate71(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.secs !== undefined){
let data0 = data.secs;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) : typeof data0 == "bigint" && data0 >= (-9223372036854775808n) && data0 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/secs",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.nanosecs !== undefined){
let data1 = data.nanosecs;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 999999999)){
vErrors = add(vErrors, {instancePath:instancePath+"/nanosecs",keyword:"int",params:{width: "0,999999999"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "secs" && key0 !== "nanosecs"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["secs", "nanosecs"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate71.errors = vErrors;
return errors === 0;
}

function validate70(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.monotonic !== undefined){
if(!(validate71(data.monotonic, instancePath+"/monotonic"))){
vErrors = join(vErrors, validate71.errors);
errors = vErrors.length;
}
}
if(data.boottime !== undefined){
if(!(validate71(data.boottime, instancePath+"/boottime"))){
vErrors = join(vErrors, validate71.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "monotonic" && key0 !== "boottime"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["monotonic", "boottime"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate70.errors = vErrors;
return errors === 0;
}


function validate76(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "c" || data === "b" || data === "u" || data === "p")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["c", "b", "u", "p"]}});
errors++;
}
validate76.errors = vErrors;
return errors === 0;
}

function validate75(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "type"}});
errors++;
}
if(data.path === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "path"}});
errors++;
}
if(data.type !== undefined){
if(!(validate76(data.type, instancePath+"/type"))){
vErrors = join(vErrors, validate76.errors);
errors = vErrors.length;
}
}
if(data.path !== undefined){
if(typeof data.path !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/path",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.major !== undefined){
let data2 = data.major;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) : typeof data2 == "bigint" && data2 >= (-9223372036854775808n) && data2 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/major",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.minor !== undefined){
let data3 = data.minor;
if(!(typeof data3 == "number" ? Number.isSafeInteger(data3) : typeof data3 == "bigint" && data3 >= (-9223372036854775808n) && data3 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/minor",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.fileMode !== undefined){
let data4 = data.fileMode;
if(!(Number.isInteger(data4) && data4 >= 0 && data4 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/fileMode",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.uid !== undefined){
if(!(validate6(data.uid, instancePath+"/uid"))){
vErrors = join(vErrors, validate6.errors);
errors = vErrors.length;
}
}
if(data.gid !== undefined){
if(!(validate6(data.gid, instancePath+"/gid"))){
vErrors = join(vErrors, validate6.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "type" && key0 !== "path" && key0 !== "major" && key0 !== "minor" && key0 !== "fileMode" && key0 !== "uid" && key0 !== "gid"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["type", "path", "major", "minor", "fileMode", "uid", "gid"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate75.errors = vErrors;
return errors === 0;
}


function validate81(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name !== undefined){
if(typeof data.name !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/name",keyword:"type",params:{type: "string"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "name"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["name"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate81.errors = vErrors;
return errors === 0;
}


function validate85(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "a" || data === "c" || data === "b")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["a", "c", "b"]}});
errors++;
}
validate85.errors = vErrors;
return errors === 0;
}

function validate84(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.allow === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "allow"}});
errors++;
}
if(data.allow !== undefined){
if(typeof data.allow !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/allow",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.type !== undefined){
if(!(validate85(data.type, instancePath+"/type"))){
vErrors = join(vErrors, validate85.errors);
errors = vErrors.length;
}
}
if(data.major !== undefined){
let data2 = data.major;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) : typeof data2 == "bigint" && data2 >= (-9223372036854775808n) && data2 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/major",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.minor !== undefined){
let data3 = data.minor;
if(!(typeof data3 == "number" ? Number.isSafeInteger(data3) : typeof data3 == "bigint" && data3 >= (-9223372036854775808n) && data3 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/minor",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.access !== undefined){
if(typeof data.access !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/access",keyword:"type",params:{type: "string"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "allow" && key0 !== "type" && key0 !== "major" && key0 !== "minor" && key0 !== "access"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["allow", "type", "major", "minor", "access"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate84.errors = vErrors;
return errors === 0;
}


function validate88(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.limit !== undefined){
let data0 = data.limit;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) : typeof data0 == "bigint" && data0 >= (-9223372036854775808n) && data0 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/limit",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.reservation !== undefined){
let data1 = data.reservation;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) : typeof data1 == "bigint" && data1 >= (-9223372036854775808n) && data1 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/reservation",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.swap !== undefined){
let data2 = data.swap;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) : typeof data2 == "bigint" && data2 >= (-9223372036854775808n) && data2 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/swap",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.kernel !== undefined){
let data3 = data.kernel;
if(!(typeof data3 == "number" ? Number.isSafeInteger(data3) : typeof data3 == "bigint" && data3 >= (-9223372036854775808n) && data3 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/kernel",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.kernelTCP !== undefined){
let data4 = data.kernelTCP;
if(!(typeof data4 == "number" ? Number.isSafeInteger(data4) : typeof data4 == "bigint" && data4 >= (-9223372036854775808n) && data4 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/kernelTCP",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.swappiness !== undefined){
let data5 = data.swappiness;
if(!(Number.isInteger(data5) && data5 >= 0 && data5 <= 100)){
vErrors = add(vErrors, {instancePath:instancePath+"/swappiness",keyword:"int",params:{width: "0,100"}});
errors++;
}
}
if(data.disableOOMKiller !== undefined){
if(typeof data.disableOOMKiller !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/disableOOMKiller",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.useHierarchy !== undefined){
if(typeof data.useHierarchy !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/useHierarchy",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.checkBeforeUpdate !== undefined){
if(typeof data.checkBeforeUpdate !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/checkBeforeUpdate",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "limit" && key0 !== "reservation" && key0 !== "swap" && key0 !== "kernel" && key0 !== "kernelTCP" && key0 !== "swappiness" && key0 !== "disableOOMKiller" && key0 !== "useHierarchy" && key0 !== "checkBeforeUpdate"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["limit", "reservation", "swap", "kernel", "kernelTCP", "swappiness", "disableOOMKiller", "useHierarchy", "checkBeforeUpdate"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate88.errors = vErrors;
return errors === 0;
}


function validate90(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.shares !== undefined){
let data0 = data.shares;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) && data0 >= 0 : typeof data0 == "bigint" && data0 >= 0n && data0 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/shares",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.quota !== undefined){
let data1 = data.quota;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) : typeof data1 == "bigint" && data1 >= (-9223372036854775808n) && data1 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/quota",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.burst !== undefined){
let data2 = data.burst;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) && data2 >= 0 : typeof data2 == "bigint" && data2 >= 0n && data2 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/burst",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.period !== undefined){
let data3 = data.period;
if(!(typeof data3 == "number" ? Number.isSafeInteger(data3) && data3 >= 0 : typeof data3 == "bigint" && data3 >= 0n && data3 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/period",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.realtimeRuntime !== undefined){
let data4 = data.realtimeRuntime;
if(!(typeof data4 == "number" ? Number.isSafeInteger(data4) : typeof data4 == "bigint" && data4 >= (-9223372036854775808n) && data4 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/realtimeRuntime",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.realtimePeriod !== undefined){
let data5 = data.realtimePeriod;
if(!(typeof data5 == "number" ? Number.isSafeInteger(data5) && data5 >= 0 : typeof data5 == "bigint" && data5 >= 0n && data5 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/realtimePeriod",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.cpus !== undefined){
if(typeof data.cpus !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/cpus",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.mems !== undefined){
if(typeof data.mems !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/mems",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.idle !== undefined){
let data8 = data.idle;
if(!(Number.isInteger(data8) && data8 >= 0 && data8 <= 1)){
vErrors = add(vErrors, {instancePath:instancePath+"/idle",keyword:"int",params:{width: "0,1"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "shares" && key0 !== "quota" && key0 !== "burst" && key0 !== "period" && key0 !== "realtimeRuntime" && key0 !== "realtimePeriod" && key0 !== "cpus" && key0 !== "mems" && key0 !== "idle"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["shares", "quota", "burst", "period", "realtimeRuntime", "realtimePeriod", "cpus", "mems", "idle"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate90.errors = vErrors;
return errors === 0;
}


function validate92(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.limit !== undefined){
let data0 = data.limit;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) : typeof data0 == "bigint" && data0 >= (-9223372036854775808n) && data0 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/limit",keyword:"int",params:{width: "int64"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "limit"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["limit"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate92.errors = vErrors;
return errors === 0;
}


function validate95(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.major === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "major"}});
errors++;
}
if(data.minor === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "minor"}});
errors++;
}
if(data.major !== undefined){
let data0 = data.major;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) : typeof data0 == "bigint" && data0 >= (-9223372036854775808n) && data0 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/major",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.minor !== undefined){
let data1 = data.minor;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) : typeof data1 == "bigint" && data1 >= (-9223372036854775808n) && data1 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/minor",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.weight !== undefined){
let data2 = data.weight;
if(!(Number.isInteger(data2) && data2 >= 0 && data2 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/weight",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
if(data.leafWeight !== undefined){
let data3 = data.leafWeight;
if(!(Number.isInteger(data3) && data3 >= 0 && data3 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/leafWeight",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "major" && key0 !== "minor" && key0 !== "weight" && key0 !== "leafWeight"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["major", "minor", "weight", "leafWeight"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate95.errors = vErrors;
return errors === 0;
}


function validate98(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.major === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "major"}});
errors++;
}
if(data.minor === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "minor"}});
errors++;
}
if(data.rate === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "rate"}});
errors++;
}
if(data.major !== undefined){
let data0 = data.major;
if(!(typeof data0 == "number" ? Number.isSafeInteger(data0) : typeof data0 == "bigint" && data0 >= (-9223372036854775808n) && data0 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/major",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.minor !== undefined){
let data1 = data.minor;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) : typeof data1 == "bigint" && data1 >= (-9223372036854775808n) && data1 <= 9223372036854775807n)){
vErrors = add(vErrors, {instancePath:instancePath+"/minor",keyword:"int",params:{width: "int64"}});
errors++;
}
}
if(data.rate !== undefined){
let data2 = data.rate;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) && data2 >= 0 : typeof data2 == "bigint" && data2 >= 0n && data2 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/rate",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "major" && key0 !== "minor" && key0 !== "rate"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["major", "minor", "rate"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate98.errors = vErrors;
return errors === 0;
}

function validate97(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate98(data[i0], instancePath+"/" + i0))){
vErrors = join(vErrors, validate98.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "array"}});
errors++;
}
validate97.errors = vErrors;
return errors === 0;
}

function validate94(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.weight !== undefined){
let data0 = data.weight;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/weight",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
if(data.leafWeight !== undefined){
let data1 = data.leafWeight;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 65535)){
vErrors = add(vErrors, {instancePath:instancePath+"/leafWeight",keyword:"int",params:{width: "uint16"}});
errors++;
}
}
if(data.weightDevice !== undefined){
let data2 = data.weightDevice;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate95(data2[i0], instancePath+"/weightDevice/" + i0))){
vErrors = join(vErrors, validate95.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/weightDevice",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.throttleReadBpsDevice !== undefined){
if(!(validate97(data.throttleReadBpsDevice, instancePath+"/throttleReadBpsDevice"))){
vErrors = join(vErrors, validate97.errors);
errors = vErrors.length;
}
}
if(data.throttleWriteBpsDevice !== undefined){
if(!(validate97(data.throttleWriteBpsDevice, instancePath+"/throttleWriteBpsDevice"))){
vErrors = join(vErrors, validate97.errors);
errors = vErrors.length;
}
}
if(data.throttleReadIOPSDevice !== undefined){
if(!(validate97(data.throttleReadIOPSDevice, instancePath+"/throttleReadIOPSDevice"))){
vErrors = join(vErrors, validate97.errors);
errors = vErrors.length;
}
}
if(data.throttleWriteIOPSDevice !== undefined){
if(!(validate97(data.throttleWriteIOPSDevice, instancePath+"/throttleWriteIOPSDevice"))){
vErrors = join(vErrors, validate97.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "weight" && key0 !== "leafWeight" && key0 !== "weightDevice" && key0 !== "throttleReadBpsDevice" && key0 !== "throttleWriteBpsDevice" && key0 !== "throttleReadIOPSDevice" && key0 !== "throttleWriteIOPSDevice"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["weight", "leafWeight", "weightDevice", "throttleReadBpsDevice", "throttleWriteBpsDevice", "throttleReadIOPSDevice", "throttleWriteIOPSDevice"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate94.errors = vErrors;
return errors === 0;
}


function validate105(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.pageSize === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "pageSize"}});
errors++;
}
if(data.limit === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "limit"}});
errors++;
}
if(data.pageSize !== undefined){
if(typeof data.pageSize !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/pageSize",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.limit !== undefined){
let data1 = data.limit;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) && data1 >= 0 : typeof data1 == "bigint" && data1 >= 0n && data1 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/limit",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "pageSize" && key0 !== "limit"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["pageSize", "limit"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate105.errors = vErrors;
return errors === 0;
}


function validate108(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "name"}});
errors++;
}
if(data.priority === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "priority"}});
errors++;
}
if(data.name !== undefined){
let data0 = data.name;
if(typeof data0 === "string"){
if(data0.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/name",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/name",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.priority !== undefined){
let data1 = data.priority;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/priority",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "name" && key0 !== "priority"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["name", "priority"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate108.errors = vErrors;
return errors === 0;
}

function validate107(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.classID !== undefined){
let data0 = data.classID;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/classID",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.priorities !== undefined){
let data1 = data.priorities;
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(!(validate108(data1[i0], instancePath+"/priorities/" + i0))){
vErrors = join(vErrors, validate108.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/priorities",keyword:"type",params:{type: "array"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "classID" && key0 !== "priorities"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["classID", "priorities"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate107.errors = vErrors;
return errors === 0;
}


function validate111(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.hcaHandles !== undefined){
let data0 = data.hcaHandles;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/hcaHandles",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.hcaObjects !== undefined){
let data1 = data.hcaObjects;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/hcaObjects",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "hcaHandles" && key0 !== "hcaObjects"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["hcaHandles", "hcaObjects"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate111.errors = vErrors;
return errors === 0;
}

function validate83(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.devices !== undefined){
let data0 = data.devices;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate84(data0[i0], instancePath+"/devices/" + i0))){
vErrors = join(vErrors, validate84.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/devices",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.memory !== undefined){
if(!(validate88(data.memory, instancePath+"/memory"))){
vErrors = join(vErrors, validate88.errors);
errors = vErrors.length;
}
}
if(data.cpu !== undefined){
if(!(validate90(data.cpu, instancePath+"/cpu"))){
vErrors = join(vErrors, validate90.errors);
errors = vErrors.length;
}
}
if(data.pids !== undefined){
if(!(validate92(data.pids, instancePath+"/pids"))){
vErrors = join(vErrors, validate92.errors);
errors = vErrors.length;
}
}
if(data.blockIO !== undefined){
if(!(validate94(data.blockIO, instancePath+"/blockIO"))){
vErrors = join(vErrors, validate94.errors);
errors = vErrors.length;
}
}
if(data.hugepageLimits !== undefined){
let data6 = data.hugepageLimits;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(!(validate105(data6[i1], instancePath+"/hugepageLimits/" + i1))){
vErrors = join(vErrors, validate105.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/hugepageLimits",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.network !== undefined){
if(!(validate107(data.network, instancePath+"/network"))){
vErrors = join(vErrors, validate107.errors);
errors = vErrors.length;
}
}
if(data.rdma !== undefined){
let data9 = data.rdma;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key0 in data9){
if(!(validate111(data9[key0], instancePath+"/rdma/" + key0.replace(/~/g, "~0").replace(/\//g, "~1")))){
vErrors = join(vErrors, validate111.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/rdma",keyword:"type",params:{type: "object"}});
errors++;
}
}
if(data.unified !== undefined){
let data11 = data.unified;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key1 in data11){
if(typeof data11[key1] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/unified/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/unified",keyword:"type",params:{type: "object"}});
errors++;
}
}
for(const key2 in data){
if(key2 !== "devices" && key2 !== "memory" && key2 !== "cpu" && key2 !== "pids" && key2 !== "blockIO" && key2 !== "hugepageLimits" && key2 !== "network" && key2 !== "rdma" && key2 !== "unified"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key2, known: ["devices", "memory", "cpu", "pids", "blockIO", "hugepageLimits", "network", "rdma", "unified"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate83.errors = vErrors;
return errors === 0;
}


function validate114(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "shared" || data === "slave" || data === "private" || data === "unbindable" || data === "rshared" || data === "rslave" || data === "rprivate" || data === "runbindable")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable"]}});
errors++;
}
validate114.errors = vErrors;
return errors === 0;
}


function validate117(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SCMP_ACT_KILL" || data === "SCMP_ACT_KILL_PROCESS" || data === "SCMP_ACT_KILL_THREAD" || data === "SCMP_ACT_TRAP" || data === "SCMP_ACT_ERRNO" || data === "SCMP_ACT_TRACE" || data === "SCMP_ACT_ALLOW" || data === "SCMP_ACT_LOG" || data === "SCMP_ACT_NOTIFY")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY"]}});
errors++;
}
validate117.errors = vErrors;
return errors === 0;
}


function validate119(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SCMP_ARCH_X86" || data === "SCMP_ARCH_X86_64" || data === "SCMP_ARCH_X32" || data === "SCMP_ARCH_ARM" || data === "SCMP_ARCH_AARCH64" || data === "SCMP_ARCH_MIPS" || data === "SCMP_ARCH_MIPS64" || data === "SCMP_ARCH_MIPS64N32" || data === "SCMP_ARCH_MIPSEL" || data === "SCMP_ARCH_MIPSEL64" || data === "SCMP_ARCH_MIPSEL64N32" || data === "SCMP_ARCH_PPC" || data === "SCMP_ARCH_PPC64" || data === "SCMP_ARCH_PPC64LE" || data === "SCMP_ARCH_S390" || data === "SCMP_ARCH_S390X" || data === "SCMP_ARCH_PARISC" || data === "SCMP_ARCH_PARISC64" || data === "SCMP_ARCH_RISCV64" || data === "SCMP_ARCH_LOONGARCH64" || data === "SCMP_ARCH_M68K" || data === "SCMP_ARCH_SH" || data === "SCMP_ARCH_SHEB")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB"]}});
errors++;
}
validate119.errors = vErrors;
return errors === 0;
}


function validate121(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SECCOMP_FILTER_FLAG_TSYNC" || data === "SECCOMP_FILTER_FLAG_LOG" || data === "SECCOMP_FILTER_FLAG_SPEC_ALLOW" || data === "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}});
errors++;
}
validate121.errors = vErrors;
return errors === 0;
}


function validate126(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "SCMP_CMP_NE" || data === "SCMP_CMP_LT" || data === "SCMP_CMP_LE" || data === "SCMP_CMP_EQ" || data === "SCMP_CMP_GE" || data === "SCMP_CMP_GT" || data === "SCMP_CMP_MASKED_EQ")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"]}});
errors++;
}
validate126.errors = vErrors;
return errors === 0;
}

function validate125(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.index === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "index"}});
errors++;
}
if(data.value === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "value"}});
errors++;
}
if(data.op === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "op"}});
errors++;
}
if(data.index !== undefined){
let data0 = data.index;
if(!(Number.isInteger(data0) && data0 >= 0 && data0 <= 5)){
vErrors = add(vErrors, {instancePath:instancePath+"/index",keyword:"int",params:{width: "0,5"}});
errors++;
}
}
if(data.value !== undefined){
let data1 = data.value;
if(!(typeof data1 == "number" ? Number.isSafeInteger(data1) && data1 >= 0 : typeof data1 == "bigint" && data1 >= 0n && data1 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/value",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.valueTwo !== undefined){
let data2 = data.valueTwo;
if(!(typeof data2 == "number" ? Number.isSafeInteger(data2) && data2 >= 0 : typeof data2 == "bigint" && data2 >= 0n && data2 <= 18446744073709551615n)){
vErrors = add(vErrors, {instancePath:instancePath+"/valueTwo",keyword:"int",params:{width: "uint64"}});
errors++;
}
}
if(data.op !== undefined){
if(!(validate126(data.op, instancePath+"/op"))){
vErrors = join(vErrors, validate126.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "index" && key0 !== "value" && key0 !== "valueTwo" && key0 !== "op"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["index", "value", "valueTwo", "op"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate125.errors = vErrors;
return errors === 0;
}

function validate123(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.names === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "names"}});
errors++;
}
if(data.action === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "action"}});
errors++;
}
if(data.names !== undefined){
let data0 = data.names;
if(Array.isArray(data0)){
if(data0.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/names",keyword:"minItems",params:{limit: 1}});
errors++;
}
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(typeof data0[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/names/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/names",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.action !== undefined){
if(!(validate117(data.action, instancePath+"/action"))){
vErrors = join(vErrors, validate117.errors);
errors = vErrors.length;
}
}
if(data.errnoRet !== undefined){
let data3 = data.errnoRet;
if(!(Number.isInteger(data3) && data3 >= 0 && data3 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/errnoRet",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.args !== undefined){
let data4 = data.args;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
if(!(validate125(data4[i1], instancePath+"/args/" + i1))){
vErrors = join(vErrors, validate125.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/args",keyword:"type",params:{type: "array"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "names" && key0 !== "action" && key0 !== "errnoRet" && key0 !== "args"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["names", "action", "errnoRet", "args"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate123.errors = vErrors;
return errors === 0;
}

function validate116(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.defaultAction === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "defaultAction"}});
errors++;
}
if(data.defaultAction !== undefined){
if(!(validate117(data.defaultAction, instancePath+"/defaultAction"))){
vErrors = join(vErrors, validate117.errors);
errors = vErrors.length;
}
}
if(data.defaultErrnoRet !== undefined){
let data1 = data.defaultErrnoRet;
if(!(Number.isInteger(data1) && data1 >= 0 && data1 <= 4294967295)){
vErrors = add(vErrors, {instancePath:instancePath+"/defaultErrnoRet",keyword:"int",params:{width: "uint32"}});
errors++;
}
}
if(data.architectures !== undefined){
let data2 = data.architectures;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate119(data2[i0], instancePath+"/architectures/" + i0))){
vErrors = join(vErrors, validate119.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/architectures",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.flags !== undefined){
let data4 = data.flags;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
if(!(validate121(data4[i1], instancePath+"/flags/" + i1))){
vErrors = join(vErrors, validate121.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/flags",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.listenerPath !== undefined){
if(typeof data.listenerPath !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/listenerPath",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.listenerMetadata !== undefined){
if(typeof data.listenerMetadata !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/listenerMetadata",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.syscalls !== undefined){
let data8 = data.syscalls;
if(Array.isArray(data8)){
const len2 = data8.length;
for(let i2=0; i2<len2; i2++){
if(!(validate123(data8[i2], instancePath+"/syscalls/" + i2))){
vErrors = join(vErrors, validate123.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/syscalls",keyword:"type",params:{type: "array"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "defaultAction" && key0 !== "defaultErrnoRet" && key0 !== "architectures" && key0 !== "flags" && key0 !== "listenerPath" && key0 !== "listenerMetadata" && key0 !== "syscalls"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata", "syscalls"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate116.errors = vErrors;
return errors === 0;
}


function validate133(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.closID !== undefined){
if(typeof data.closID !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/closID",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.schemata !== undefined){
if(!(validate50(data.schemata, instancePath+"/schemata"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
if(data.l3CacheSchema !== undefined){
if(typeof data.l3CacheSchema !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/l3CacheSchema",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.memBwSchema !== undefined){
if(typeof data.memBwSchema !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/memBwSchema",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.enableMonitoring !== undefined){
if(typeof data.enableMonitoring !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enableMonitoring",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.enableCMT !== undefined){
if(typeof data.enableCMT !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enableCMT",keyword:"type",params:{type: "boolean"}});
errors++;
}
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/enableCMT",keyword:"superseded",params:{what: "enableMonitoring"}});
errors++;
}
}
if(data.enableMBM !== undefined){
if(typeof data.enableMBM !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/enableMBM",keyword:"type",params:{type: "boolean"}});
errors++;
}
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/enableMBM",keyword:"superseded",params:{what: "enableMonitoring"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "closID" && key0 !== "schemata" && key0 !== "l3CacheSchema" && key0 !== "memBwSchema" && key0 !== "enableMonitoring" && key0 !== "enableCMT" && key0 !== "enableMBM"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["closID", "schemata", "l3CacheSchema", "memBwSchema", "enableMonitoring", "enableCMT", "enableMBM"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate133.errors = vErrors;
return errors === 0;
}


function validate137(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "MPOL_DEFAULT" || data === "MPOL_BIND" || data === "MPOL_INTERLEAVE" || data === "MPOL_WEIGHTED_INTERLEAVE" || data === "MPOL_PREFERRED" || data === "MPOL_PREFERRED_MANY" || data === "MPOL_LOCAL")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL"]}});
errors++;
}
validate137.errors = vErrors;
return errors === 0;
}


function validate139(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "MPOL_F_NUMA_BALANCING" || data === "MPOL_F_RELATIVE_NODES" || data === "MPOL_F_STATIC_NODES")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]}});
errors++;
}
validate139.errors = vErrors;
return errors === 0;
}

function validate136(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.mode === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "mode"}});
errors++;
}
if(data.mode !== undefined){
if(!(validate137(data.mode, instancePath+"/mode"))){
vErrors = join(vErrors, validate137.errors);
errors = vErrors.length;
}
}
if(data.nodes !== undefined){
if(typeof data.nodes !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/nodes",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.flags !== undefined){
let data2 = data.flags;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate139(data2[i0], instancePath+"/flags/" + i0))){
vErrors = join(vErrors, validate139.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/flags",keyword:"type",params:{type: "array"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "mode" && key0 !== "nodes" && key0 !== "flags"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["mode", "nodes", "flags"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate136.errors = vErrors;
return errors === 0;
}


function validate143(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "LINUX" || data === "LINUX32")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["LINUX", "LINUX32"]}});
errors++;
}
validate143.errors = vErrors;
return errors === 0;
}

function validate142(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.domain === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "domain"}});
errors++;
}
if(data.domain !== undefined){
if(!(validate143(data.domain, instancePath+"/domain"))){
vErrors = join(vErrors, validate143.errors);
errors = vErrors.length;
}
}
if(data.flags !== undefined){
if(!(validate50(data.flags, instancePath+"/flags"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "domain" && key0 !== "flags"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["domain", "flags"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate142.errors = vErrors;
return errors === 0;
}

function validate63(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.namespaces !== undefined){
let data0 = data.namespaces;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate64(data0[i0], instancePath+"/namespaces/" + i0))){
vErrors = join(vErrors, validate64.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/namespaces",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.uidMappings !== undefined){
if(!(validate41(data.uidMappings, instancePath+"/uidMappings"))){
vErrors = join(vErrors, validate41.errors);
errors = vErrors.length;
}
}
if(data.gidMappings !== undefined){
if(!(validate41(data.gidMappings, instancePath+"/gidMappings"))){
vErrors = join(vErrors, validate41.errors);
errors = vErrors.length;
}
}
if(data.timeOffsets !== undefined){
if(!(validate70(data.timeOffsets, instancePath+"/timeOffsets"))){
vErrors = join(vErrors, validate70.errors);
errors = vErrors.length;
}
}
if(data.devices !== undefined){
let data5 = data.devices;
if(Array.isArray(data5)){
const len1 = data5.length;
for(let i1=0; i1<len1; i1++){
if(!(validate75(data5[i1], instancePath+"/devices/" + i1))){
vErrors = join(vErrors, validate75.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/devices",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.netDevices !== undefined){
let data7 = data.netDevices;
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
for(const key0 in data7){
if(!(validate81(data7[key0], instancePath+"/netDevices/" + key0.replace(/~/g, "~0").replace(/\//g, "~1")))){
vErrors = join(vErrors, validate81.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/netDevices",keyword:"type",params:{type: "object"}});
errors++;
}
}
if(data.cgroupsPath !== undefined){
if(typeof data.cgroupsPath !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/cgroupsPath",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.resources !== undefined){
if(!(validate83(data.resources, instancePath+"/resources"))){
vErrors = join(vErrors, validate83.errors);
errors = vErrors.length;
}
}
if(data.rootfsPropagation !== undefined){
if(!(validate114(data.rootfsPropagation, instancePath+"/rootfsPropagation"))){
vErrors = join(vErrors, validate114.errors);
errors = vErrors.length;
}
}
if(data.seccomp !== undefined){
if(!(validate116(data.seccomp, instancePath+"/seccomp"))){
vErrors = join(vErrors, validate116.errors);
errors = vErrors.length;
}
}
if(data.sysctl !== undefined){
let data13 = data.sysctl;
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key1 in data13){
if(typeof data13[key1] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/sysctl/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/sysctl",keyword:"type",params:{type: "object"}});
errors++;
}
}
if(data.maskedPaths !== undefined){
if(!(validate50(data.maskedPaths, instancePath+"/maskedPaths"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
if(data.readonlyPaths !== undefined){
if(!(validate50(data.readonlyPaths, instancePath+"/readonlyPaths"))){
vErrors = join(vErrors, validate50.errors);
errors = vErrors.length;
}
}
if(data.mountLabel !== undefined){
if(typeof data.mountLabel !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/mountLabel",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.intelRdt !== undefined){
if(!(validate133(data.intelRdt, instancePath+"/intelRdt"))){
vErrors = join(vErrors, validate133.errors);
errors = vErrors.length;
}
}
if(data.memoryPolicy !== undefined){
if(!(validate136(data.memoryPolicy, instancePath+"/memoryPolicy"))){
vErrors = join(vErrors, validate136.errors);
errors = vErrors.length;
}
}
if(data.personality !== undefined){
if(!(validate142(data.personality, instancePath+"/personality"))){
vErrors = join(vErrors, validate142.errors);
errors = vErrors.length;
}
}
for(const key2 in data){
if(key2 !== "namespaces" && key2 !== "uidMappings" && key2 !== "gidMappings" && key2 !== "timeOffsets" && key2 !== "devices" && key2 !== "netDevices" && key2 !== "cgroupsPath" && key2 !== "resources" && key2 !== "rootfsPropagation" && key2 !== "seccomp" && key2 !== "sysctl" && key2 !== "maskedPaths" && key2 !== "readonlyPaths" && key2 !== "mountLabel" && key2 !== "intelRdt" && key2 !== "memoryPolicy" && key2 !== "personality"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key2, known: ["namespaces", "uidMappings", "gidMappings", "timeOffsets", "devices", "netDevices", "cgroupsPath", "resources", "rootfsPropagation", "seccomp", "sysctl", "maskedPaths", "readonlyPaths", "mountLabel", "intelRdt", "memoryPolicy", "personality"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate63.errors = vErrors;
return errors === 0;
}


function validate150(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "new" || data === "inherit")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["new", "inherit"]}});
errors++;
}
validate150.errors = vErrors;
return errors === 0;
}


function validate152(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(!(data === "disable" || data === "new" || data === "inherit")){
vErrors = add(vErrors, {instancePath, keyword:"oneOfNames",params:{known: ["disable", "new", "inherit"]}});
errors++;
}
validate152.errors = vErrors;
return errors === 0;
}

function validate149(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.host !== undefined){
if(!(validate150(data.host, instancePath+"/host"))){
vErrors = join(vErrors, validate150.errors);
errors = vErrors.length;
}
}
if(data.ip4 !== undefined){
if(!(validate152(data.ip4, instancePath+"/ip4"))){
vErrors = join(vErrors, validate152.errors);
errors = vErrors.length;
}
}
if(data.ip6 !== undefined){
if(!(validate152(data.ip6, instancePath+"/ip6"))){
vErrors = join(vErrors, validate152.errors);
errors = vErrors.length;
}
}
if(data.vnet !== undefined){
if(!(validate150(data.vnet, instancePath+"/vnet"))){
vErrors = join(vErrors, validate150.errors);
errors = vErrors.length;
}
}
if(data.sysvmsg !== undefined){
if(!(validate152(data.sysvmsg, instancePath+"/sysvmsg"))){
vErrors = join(vErrors, validate152.errors);
errors = vErrors.length;
}
}
if(data.sysvsem !== undefined){
if(!(validate152(data.sysvsem, instancePath+"/sysvsem"))){
vErrors = join(vErrors, validate152.errors);
errors = vErrors.length;
}
}
if(data.sysvshm !== undefined){
if(!(validate152(data.sysvshm, instancePath+"/sysvshm"))){
vErrors = join(vErrors, validate152.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate149.errors = vErrors;
return errors === 0;
}

function validate148(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.jail !== undefined){
if(!(validate149(data.jail, instancePath+"/jail"))){
vErrors = join(vErrors, validate149.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate148.errors = vErrors;
return errors === 0;
}

function validate1(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersion === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "ociVersion"}});
errors++;
}
if(data.root === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "root"}});
errors++;
}
if(data.ociVersion !== undefined){
if(typeof data.ociVersion !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/ociVersion",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.process !== undefined){
if(!(validate2(data.process, instancePath+"/process"))){
vErrors = join(vErrors, validate2.errors);
errors = vErrors.length;
}
}
if(data.root !== undefined){
if(!(validate38(data.root, instancePath+"/root"))){
vErrors = join(vErrors, validate38.errors);
errors = vErrors.length;
}
}
if(data.hostname !== undefined){
if(typeof data.hostname !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/hostname",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.domainname !== undefined){
if(typeof data.domainname !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/domainname",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.mounts !== undefined){
let data5 = data.mounts;
if(Array.isArray(data5)){
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
if(!(validate40(data5[i0], instancePath+"/mounts/" + i0))){
vErrors = join(vErrors, validate40.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/mounts",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.hooks !== undefined){
if(!(validate47(data.hooks, instancePath+"/hooks"))){
vErrors = join(vErrors, validate47.errors);
errors = vErrors.length;
}
}
if(data.annotations !== undefined){
if(!(validate61(data.annotations, instancePath+"/annotations"))){
vErrors = join(vErrors, validate61.errors);
errors = vErrors.length;
}
}
if(data.linux !== undefined){
if(!(validate63(data.linux, instancePath+"/linux"))){
vErrors = join(vErrors, validate63.errors);
errors = vErrors.length;
}
}
if(data.windows !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/windows",keyword:"unsupported",params:{what: "windows"}});
errors++;
}
}
if(data.solaris !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/solaris",keyword:"unsupported",params:{what: "solaris"}});
errors++;
}
}
if(data.vm !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/vm",keyword:"unsupported",params:{what: "vm"}});
errors++;
}
}
if(data.zos !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/zos",keyword:"unsupported",params:{what: "zos"}});
errors++;
}
}
if(data.freebsd !== undefined){
if(!(validate148(data.freebsd, instancePath+"/freebsd"))){
vErrors = join(vErrors, validate148.errors);
errors = vErrors.length;
}
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/freebsd",keyword:"unsupported",params:{what: "freebsd"}});
errors++;
}
}
for(const key0 in data){
if(key0 !== "ociVersion" && key0 !== "process" && key0 !== "root" && key0 !== "hostname" && key0 !== "domainname" && key0 !== "mounts" && key0 !== "hooks" && key0 !== "annotations" && key0 !== "linux" && key0 !== "windows" && key0 !== "solaris" && key0 !== "vm" && key0 !== "zos" && key0 !== "freebsd"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["ociVersion", "process", "root", "hostname", "domainname", "mounts", "hooks", "annotations", "linux", "windows", "solaris", "vm", "zos", "freebsd"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate1.errors = vErrors;
return errors === 0;
}

export const validateProcess: Validator = validate161 as any;

function validate161(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.cwd === undefined){
vErrors = add(vErrors, {instancePath, keyword:"required",params:{missingProperty: "cwd"}});
errors++;
}
if(data.terminal !== undefined){
if(typeof data.terminal !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/terminal",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.consoleSize !== undefined){
if(!(validate3(data.consoleSize, instancePath+"/consoleSize"))){
vErrors = join(vErrors, validate3.errors);
errors = vErrors.length;
}
}
if(data.user !== undefined){
if(!(validate5(data.user, instancePath+"/user"))){
vErrors = join(vErrors, validate5.errors);
errors = vErrors.length;
}
}
if(data.args !== undefined){
let data3 = data.args;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(typeof data3[i0] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/args/" + i0,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/args",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.commandLine !== undefined){
if(true){
vErrors = add(vErrors, {instancePath:instancePath+"/commandLine",keyword:"unsupported",params:{what: "windows"}});
errors++;
}
}
if(data.env !== undefined){
let data6 = data.env;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(typeof data6[i1] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/env/" + i1,keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/env",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.cwd !== undefined){
let data8 = data.cwd;
if(typeof data8 === "string"){
if(data8.length < 1){
vErrors = add(vErrors, {instancePath:instancePath+"/cwd",keyword:"minLength",params:{limit: 1}});
errors++;
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/cwd",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.capabilities !== undefined){
if(!(validate11(data.capabilities, instancePath+"/capabilities"))){
vErrors = join(vErrors, validate11.errors);
errors = vErrors.length;
}
}
if(data.rlimits !== undefined){
let data10 = data.rlimits;
if(Array.isArray(data10)){
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
if(!(validate21(data10[i2], instancePath+"/rlimits/" + i2))){
vErrors = join(vErrors, validate21.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/rlimits",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.noNewPrivileges !== undefined){
if(typeof data.noNewPrivileges !== "boolean"){
vErrors = add(vErrors, {instancePath:instancePath+"/noNewPrivileges",keyword:"type",params:{type: "boolean"}});
errors++;
}
}
if(data.apparmorProfile !== undefined){
if(typeof data.apparmorProfile !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/apparmorProfile",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.oomScoreAdj !== undefined){
let data14 = data.oomScoreAdj;
if(!(Number.isInteger(data14) && data14 >= -1000 && data14 <= 1000)){
vErrors = add(vErrors, {instancePath:instancePath+"/oomScoreAdj",keyword:"int",params:{width: "-1000,1000"}});
errors++;
}
}
if(data.scheduler !== undefined){
if(!(validate25(data.scheduler, instancePath+"/scheduler"))){
vErrors = join(vErrors, validate25.errors);
errors = vErrors.length;
}
}
if(data.selinuxLabel !== undefined){
if(typeof data.selinuxLabel !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/selinuxLabel",keyword:"type",params:{type: "string"}});
errors++;
}
}
if(data.ioPriority !== undefined){
if(!(validate31(data.ioPriority, instancePath+"/ioPriority"))){
vErrors = join(vErrors, validate31.errors);
errors = vErrors.length;
}
}
if(data.execCPUAffinity !== undefined){
if(!(validate35(data.execCPUAffinity, instancePath+"/execCPUAffinity"))){
vErrors = join(vErrors, validate35.errors);
errors = vErrors.length;
}
}
for(const key0 in data){
if(key0 !== "terminal" && key0 !== "consoleSize" && key0 !== "user" && key0 !== "args" && key0 !== "commandLine" && key0 !== "env" && key0 !== "cwd" && key0 !== "capabilities" && key0 !== "rlimits" && key0 !== "noNewPrivileges" && key0 !== "apparmorProfile" && key0 !== "oomScoreAdj" && key0 !== "scheduler" && key0 !== "selinuxLabel" && key0 !== "ioPriority" && key0 !== "execCPUAffinity"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key0, known: ["terminal", "consoleSize", "user", "args", "commandLine", "env", "cwd", "capabilities", "rlimits", "noNewPrivileges", "apparmorProfile", "oomScoreAdj", "scheduler", "selinuxLabel", "ioPriority", "execCPUAffinity"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate161.errors = vErrors;
return errors === 0;
}

export const validateResources: Validator = validate169 as any;

function validate169(data, instancePath = ""){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.devices !== undefined){
let data0 = data.devices;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate84(data0[i0], instancePath+"/devices/" + i0))){
vErrors = join(vErrors, validate84.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/devices",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.memory !== undefined){
if(!(validate88(data.memory, instancePath+"/memory"))){
vErrors = join(vErrors, validate88.errors);
errors = vErrors.length;
}
}
if(data.cpu !== undefined){
if(!(validate90(data.cpu, instancePath+"/cpu"))){
vErrors = join(vErrors, validate90.errors);
errors = vErrors.length;
}
}
if(data.pids !== undefined){
if(!(validate92(data.pids, instancePath+"/pids"))){
vErrors = join(vErrors, validate92.errors);
errors = vErrors.length;
}
}
if(data.blockIO !== undefined){
if(!(validate94(data.blockIO, instancePath+"/blockIO"))){
vErrors = join(vErrors, validate94.errors);
errors = vErrors.length;
}
}
if(data.hugepageLimits !== undefined){
let data6 = data.hugepageLimits;
if(Array.isArray(data6)){
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
if(!(validate105(data6[i1], instancePath+"/hugepageLimits/" + i1))){
vErrors = join(vErrors, validate105.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/hugepageLimits",keyword:"type",params:{type: "array"}});
errors++;
}
}
if(data.network !== undefined){
if(!(validate107(data.network, instancePath+"/network"))){
vErrors = join(vErrors, validate107.errors);
errors = vErrors.length;
}
}
if(data.rdma !== undefined){
let data9 = data.rdma;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key0 in data9){
if(!(validate111(data9[key0], instancePath+"/rdma/" + key0.replace(/~/g, "~0").replace(/\//g, "~1")))){
vErrors = join(vErrors, validate111.errors);
errors = vErrors.length;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/rdma",keyword:"type",params:{type: "object"}});
errors++;
}
}
if(data.unified !== undefined){
let data11 = data.unified;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key1 in data11){
if(typeof data11[key1] !== "string"){
vErrors = add(vErrors, {instancePath:instancePath+"/unified/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath:instancePath+"/unified",keyword:"type",params:{type: "object"}});
errors++;
}
}
for(const key2 in data){
if(key2 !== "devices" && key2 !== "memory" && key2 !== "cpu" && key2 !== "pids" && key2 !== "blockIO" && key2 !== "hugepageLimits" && key2 !== "network" && key2 !== "rdma" && key2 !== "unified"){
vErrors = add(vErrors, {instancePath, keyword:"closed",params:{property: key2, known: ["devices", "memory", "cpu", "pids", "blockIO", "hugepageLimits", "network", "rdma", "unified"]}});
errors++;
}
}
}
else {
vErrors = add(vErrors, {instancePath, keyword:"type",params:{type: "object"}});
errors++;
}
validate169.errors = vErrors;
return errors === 0;
}

function join(errors, more) {
if (errors === null) return more;
for (const error of more) errors.push(error);
return errors;
}

function add(errors, error) {
if (errors === null) return [error];
errors.push(error);
return errors;
}
